// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "library.h"

#ifdef OTHER_TEMPLATES
#  include <map>
#  include <string>
#endif

namespace Tactus {

class SamplePrivate
{
public:
    int value = 0;
#ifdef PRIVATE_MEMBER
    int another = 0;
#endif
};

Sample::Sample()
    : d(std::make_unique<SamplePrivate>())
{
}

Sample::~Sample() = default;

int Sample::value() const
{
#ifdef OTHER_TEMPLATES
    static std::map<std::string, int> values;
    return ++values[std::to_string(d->value)];
#else
    return d->value;
#endif
}

#ifdef ADDED_VIRTUAL
int Sample::another() const
{
    return 0;
}
#endif

#ifdef ADDED_FUNCTION
int Sample::doubled() const
{
    return 2 * d->value;
}
#endif

#ifndef REMOVED_FUNCTION
void Sample::setValue(int value)
{
    d->value = value;
}
#endif

} // namespace Tactus
