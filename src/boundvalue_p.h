// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include "logging_p.h"

#include <Tactus/clock.h>

#include <QtCore/qmetaobject.h>

// What the settable properties of both classes share: which values are good, and what happens to
// the others. Category is a logging category's function.

namespace Tactus {

// Each says whether a value is good; if not, with a warning that names it and who refused it.

template <auto Category>
bool acceptsDuration(Duration value, const char *where)
{
    if (value >= Duration::zero())
        return true;
    qCWarning(Category) << where << "wants a duration that is not negative, got" << Shown{ value }
                        << "- ignored";
    return false;
}

template <auto Category, typename Number>
bool acceptsCount(Number value, const char *where)
{
    if (value >= 0)
        return true;
    qCWarning(Category) << where << "wants a number that is not negative, got" << value
                        << "- ignored";
    return false;
}

template <auto Category, typename Enum>
bool acceptsEnumerator(Enum value, const char *where)
{
    const auto metaEnum = QMetaEnum::fromType<Enum>();
    const int number = static_cast<int>(value);
    // valueToKey() takes another type of number from Qt 6.9 on.
    for (int i = 0; i < metaEnum.keyCount(); ++i) {
        if (metaEnum.value(i) == number)
            return true;
    }
    qCWarning(Category) << where << "wants a" << metaEnum.enumName() << "- got" << number
                        << "- ignored";
    return false;
}

// Puts a good value back, and tells those who are bound to the property and have seen the bad one.
template <typename Property, typename Value>
void restore(Property &property, const Value &good)
{
    property.setValueBypassingBindings(good);
    property.notify();
}

// For the function that a bindable property calls when it has got another value. `good` is the last
// good one. A bad value, which only a binding or the bindable can bring, is replaced by it, and the
// binding stays. True: there is a new good value.
template <typename Property, typename Value>
bool keepIfGood(Property &property, Value &good, bool (*accepts)(Value, const char *),
                const char *where)
{
    const Value value = property.valueBypassingBindings();
    if (value == good)
        return false;
    if (accepts(value, where)) {
        good = value;
        return true;
    }
    restore(property, good);
    return false;
}

} // namespace Tactus
