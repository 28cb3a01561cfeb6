// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <cstddef>
#include <cstdint>

// What libFuzzer calls: once, and for each input. A finding ends the program.
extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

// Takes an input to pieces. What is not there any more is zero.
class Bytes
{
public:
    Bytes(const std::uint8_t *data, std::size_t size)
        : m_data(data)
        , m_size(size)
    {
    }

    bool isEmpty() const { return m_size == 0; }
    std::size_t size() const { return m_size; }

    template <typename Number>
    Number take()
    {
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < sizeof(Number) && m_size > 0; ++i, ++m_data, --m_size)
            number |= std::uint64_t{ *m_data } << (8 * i);
        return static_cast<Number>(number);
    }

    // From 0 to below - 1.
    std::int64_t number(std::int64_t below)
    {
        const std::uint64_t bits = below <= 256 ? take<std::uint8_t>() : take<std::uint64_t>();
        return static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(below));
    }

private:
    const std::uint8_t *m_data;
    std::size_t m_size;
};
