// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <Tactus/clock.h>

#include <QtCore/qexception.h>

namespace Tactus {

class TACTUS_EXPORT QueueFullError : public QException
{
public:
    explicit QueueFullError(qsizetype maximumPending = 0);
    ~QueueFullError() noexcept override;

    qsizetype maximumPending() const noexcept { return m_maximumPending; }

    const char *what() const noexcept override;
    void raise() const override;
    QueueFullError *clone() const override;

private:
    qsizetype m_maximumPending;
};

class TACTUS_EXPORT TimeoutError : public QException
{
public:
    explicit TimeoutError(Duration timeout = Duration::zero());
    ~TimeoutError() noexcept override;

    Duration timeout() const noexcept { return m_timeout; }

    const char *what() const noexcept override;
    void raise() const override;
    TimeoutError *clone() const override;

private:
    Duration m_timeout;
};

class TACTUS_EXPORT CanceledError : public QException
{
public:
    CanceledError();
    ~CanceledError() noexcept override;

    const char *what() const noexcept override;
    void raise() const override;
    CanceledError *clone() const override;
};

} // namespace Tactus
