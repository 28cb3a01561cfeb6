// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// How an application tests its own timers without sleeping.
//
// Watchdog is the application: every ten minutes it probes a server, and if that fails it sends a
// mail, but at most one an hour. It knows nothing of virtual time. The test makes virtual time the
// default before it makes the Watchdog, and then says how much time passes.
//
// Expect a list of checks, over more than two days of the Watchdog's life, in an instant. The
// program ends with 1 if one of them fails.

#include <Tactus/Clock>
#include <Tactus/ManualClock>
#include <Tactus/ScheduledTimer>
#include <Tactus/SerialRateLimiter>

#include <QtCore/qcoreapplication.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

using namespace std::chrono_literals;

namespace {

class Watchdog
{
public:
    explicit Watchdog(std::function<bool()> probe)
        : m_probe(std::move(probe))
    {
        m_mails.setMaximumPending(1); // a second mail about the same trouble helps nobody
        m_timer.setCallback([this] {
            ++m_probeCount;
            if (!m_probe())
                m_mails.post([this] { ++m_mailCount; });
        });
        m_timer.start();
    }

    int probeCount() const { return m_probeCount; }
    int mailCount() const { return m_mailCount; }
    qint64 missedCount() const { return m_timer.missedCount(); }

private:
    std::function<bool()> m_probe;
    int m_probeCount = 0;
    int m_mailCount = 0;
    Tactus::SerialRateLimiter m_mails{ 1, 1h };
    Tactus::ScheduledTimer m_timer{ 10min };
};

int failures = 0;

void check(bool holds, const char *what)
{
    std::printf("%s  %s\n", holds ? "ok  " : "FAIL", what);
    failures += holds ? 0 : 1;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication app(argc, argv);

    Tactus::ManualClock clock;
    Tactus::Clock::setDefault(&clock);

    bool serverIsUp = true;
    Tactus::Duration probeTakes = 0s;
    Watchdog watchdog([&] {
        clock.elapse(probeTakes); // as if the probe blocked for so long
        return serverIsUp;
    });

    clock.advance(10min - 1ns);
    check(watchdog.probeCount() == 0, "one nanosecond before ten minutes: no probe yet");
    clock.advance(1ns);
    check(watchdog.probeCount() == 1, "after ten minutes: the first probe");
    clock.advance(24h - 10min);
    check(watchdog.probeCount() == 24 * 6, "after a day: six probes an hour");
    check(watchdog.mailCount() == 0, "the server was up: no mail");

    serverIsUp = false;
    clock.advance(10min);
    check(watchdog.mailCount() == 1, "the first probe that fails sends a mail at once");
    clock.advance(1h - 1ns);
    check(watchdog.mailCount() == 1, "within the hour no other one");
    clock.advance(1ns);
    check(watchdog.mailCount() == 2, "an hour after the first: the second");
    clock.advance(22h + 50min);
    check(watchdog.mailCount() == 24, "a day of trouble: 24 mails, not 144");
    check(watchdog.missedCount() == 0, "no probe was missed so far");

    probeTakes = 25min;
    clock.advance(10min);
    probeTakes = 0s;
    clock.advance(10min);
    check(watchdog.missedCount() == 2,
          "while one probe took 25 minutes, two came due and were missed");

    Tactus::Clock::setDefault(nullptr);
    return failures == 0 ? 0 : 1;
}
