// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qprocess.h>
#include <QtCore/qtemporarydir.h>
#include <QtCore/qurl.h>

// A real service: an nginx of our own, on a free port of the loopback interface, with all its files in
// a temporary folder. It permits 40 requests a second and 20 at once, which is what a window of 20 in
// 500 ms allows a client at most, and answers 429 with "Retry-After: 1" to more.
class Nginx
{
public:
    Nginx();
    ~Nginx();

    bool start();
    void stop();
    QUrl url(int number) const;
    qsizetype answers(int status) const; // how many it gave

private:
    Q_DISABLE_COPY_MOVE(Nginx)
    bool startOn(quint16 port);

    QTemporaryDir m_folder;
    QProcess m_process;
    quint16 m_port = 0;
};
