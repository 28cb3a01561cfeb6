// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "measuring.h"

#include <QtCore/qjsonarray.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#if defined(__GLIBC__)
#  include <malloc.h>
#  define COUNT_ALLOCATIONS
#endif

namespace Benchmarks {

Nanoseconds processorTime()
{
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

void spinFor(Nanoseconds duration)
{
    const SteadyClock::time_point end = SteadyClock::now() + duration;
    while (SteadyClock::now() < end) {
    }
}

qint64 heapSize()
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    const auto info = mallinfo2();
    return static_cast<qint64>(info.uordblks) + static_cast<qint64>(info.hblkhd);
#else
    return 0;
#endif
}

QJsonObject distribution(std::vector<qint64> values)
{
    std::sort(values.begin(), values.end());
    QJsonArray quantiles;
    for (size_t percent = 0; !values.empty() && percent <= 100; ++percent)
        quantiles.append(values[(values.size() - 1) * percent / 100]);
    return { { QStringLiteral("quantiles"), quantiles },
             { QStringLiteral("samples"), static_cast<qint64>(values.size()) } };
}

#if defined(COUNT_ALLOCATIONS)
namespace {
std::atomic<qint64> allocations = 0;

void countAllocation()
{
    // Not an atomic addition, which would make every allocation slower: where several threads
    // allocate nobody reads it.
    allocations.store(allocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
} // namespace

const bool canCountAllocations = true;
qint64 allocationCount()
{
    return allocations.load(std::memory_order_relaxed);
}
#else
const bool canCountAllocations = false;
qint64 allocationCount()
{
    return 0;
}
#endif

} // namespace Benchmarks

// A program's own malloc is everybody's, the libraries' included.
#if defined(COUNT_ALLOCATIONS)
extern "C" {

void *__libc_malloc(size_t size); // NOLINT(bugprone-reserved-identifier): glibc's
void *__libc_calloc(size_t count, size_t size); // NOLINT(bugprone-reserved-identifier)
void *__libc_realloc(void *block, size_t size); // NOLINT(bugprone-reserved-identifier)
void *__libc_memalign(size_t alignment, size_t size); // NOLINT(bugprone-reserved-identifier)

void *malloc(size_t size)
{
    Benchmarks::countAllocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    Benchmarks::countAllocation();
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    Benchmarks::countAllocation();
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size)
{
    Benchmarks::countAllocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

} // extern "C"
#endif
