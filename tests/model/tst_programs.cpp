// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Random programs over the whole public interface, each checked against the contract. RapidCheck makes
// them, and makes those that fail as short as they get. It prints what to put into RC_PARAMS to run one
// again.

#include "limiterworld.h"
#include "timerworld.h"

#include <QtTest/qtest.h>

#include <rapidcheck.h>

namespace {

constexpr int Steps = 50;
#ifdef TACTUS_SANITIZED // and slow
constexpr const char *Programs = "max_success=2000 ";
#else
constexpr const char *Programs = "max_success=10000 ";
#endif

rc::Gen<Model::Program> programs(const Model::Vocabulary &vocabulary)
{
    return [&vocabulary](const rc::Random &seed, int) {
        rc::Random random = seed;
        const Model::Program program = Model::randomProgram(
                vocabulary, Steps, [&random](qint64 below) {
                    return static_cast<qint64>(random.next() % static_cast<quint64>(below));
                });
        return rc::shrinkable::shrinkRecur(program, [](const Model::Program &failing) {
            return rc::seq::fromContainer(Model::simplerThan(failing));
        });
    };
}

template <typename World>
bool keepTheContract(const char *what)
{
    return rc::check(what, [] {
        const Model::Program program = *programs(World::vocabulary());
        const QByteArray violation = Model::violationOf<World>(program);
        if (!violation.isEmpty())
            RC_FAIL(violation.toStdString());
    });
}

} // namespace

class tst_Programs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Model::countWarnings(); }
    void T1_to_T16_timer();
    void L1_to_L20_limiter();

private:
    Model::OtherThread m_otherThread;
};

void tst_Programs::T1_to_T16_timer()
{
    QVERIFY(keepTheContract<Model::TimerWorld>("programs with a ScheduledTimer"));
}

void tst_Programs::L1_to_L20_limiter()
{
    QVERIFY(keepTheContract<Model::LimiterWorld>("programs with a SerialRateLimiter"));
}

int main(int argc, char *argv[])
{
    // What whoever runs the tests asks for comes later, and counts.
    qputenv("RC_PARAMS", Programs + qgetenv("RC_PARAMS"));
    QCoreApplication application(argc, argv);
    tst_Programs test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_programs.moc"
