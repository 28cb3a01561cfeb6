// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// A library as small as one can be that has what a class of Tactus has: an exported class with a
// virtual function and a private part. test.cmake changes it, a little at a time.

#pragma once

#include <memory>

namespace Tactus {

class SamplePrivate;

class __attribute__((visibility("default"))) Sample
{
public:
    Sample();
    virtual ~Sample();
    virtual int value() const;
#ifdef ADDED_VIRTUAL
    virtual int another() const;
#endif
#ifdef ADDED_FUNCTION
    int doubled() const;
#endif
#ifndef REMOVED_FUNCTION
    void setValue(int value);
#endif

private:
    const std::unique_ptr<SamplePrivate> d;
#ifdef ADDED_MEMBER
    int m_extra = 0;
#endif
};

} // namespace Tactus
