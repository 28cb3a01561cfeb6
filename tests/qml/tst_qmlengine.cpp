// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include <Tactus/manualclock.h>
#include <Tactus/scheduledtimer.h>
#include <Tactus/serialratelimiter.h>

#include <QtCore/qfuturewatcher.h>
#include <QtCore/qpointer.h>
#include <QtCore/qregularexpression.h>
#include <QtCore/qscopeguard.h>
#include <QtQml/qjsvalue.h>
#include <QtQml/qqmlcomponent.h>
#include <QtQml/qqmlcontext.h>
#include <QtQml/qqmlengine.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <chrono>
#include <memory>
#include <thread>

using namespace std::chrono_literals;
using namespace Tactus;

namespace {

constexpr std::chrono::milliseconds Ceiling = 10s;

QRegularExpression text(const char *pattern)
{
    return QRegularExpression(QString::fromLatin1(pattern));
}

// An engine as a program without Qt Quick has it, and the objects of one file in it, on virtual time.
class Scene
{
public:
    explicit Scene(const char *source = nullptr)
        : engine(std::make_unique<QQmlEngine>())
    {
        Clock::setDefault(&clock);
        engine->addImportPath(QStringLiteral(TACTUS_IMPORT_DIR));
        if (source)
            root.reset(create(source));
    }
    ~Scene() { Clock::setDefault(nullptr); }

    QObject *create(const char *source, const char *file = "scene.qml") const
    {
        QQmlComponent component(engine.get());
        component.setData(QByteArray("import QtQml\nimport Tactus\n") + source,
                          QUrl(QLatin1String(file)));
        if (component.isError())
            qWarning().noquote() << component.errorString();
        return component.isReady() ? component.create() : nullptr;
    }

    template <typename T>
    T *find(const char *name) const
    {
        auto *found = root->findChild<T *>(QLatin1String(name));
        return found ? found : root->property(name).value<T *>();
    }

    void collectGarbage() const
    {
        engine->collectGarbage();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }

    ManualClock clock; // outlives all
    std::unique_ptr<QQmlEngine> engine;
    std::unique_ptr<QObject> root;
};

} // namespace

// The module from C++: in an engine without Qt Quick, with several engines, with objects and engines
// that go while there is work.
class tst_QmlEngine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    // The types
    void loadsWithoutQtQuick();
    void timerIsATimer();
    void limiterIsALimiter();
    void runningWaitsForCompletion();
    void callbackSetFromCpp();
    void taskPushedFromCppSharesTheLane();
    void queuedTickArrivesAsAValue();

    // Warnings
    void warningsNameThePlace_data();
    void warningsNameThePlace();
    void textIsRefused();
    void errorInACallbackNamesThePlace();

    // Lifetime
    void destroyedInItsOwnHandler_data();
    void destroyedInItsOwnHandler();
    void deletedInItsOwnCallback();
    void limiterDeletedInItsOwnTask();
    void timerDeletedByWhoeverIsToldOfItsStop_data();
    void timerDeletedByWhoeverIsToldOfItsStop();
    void clockThatIsGoneIsNotTheDefaultOne_data();
    void clockThatIsGoneIsNotTheDefaultOne();
    void taskOfAScriptGivesWayToOneOfAThread();
    void severalEngines();
    void functionOfAnotherEngineIsRefused();
    void taskOfAnotherEngineIsRefused();
    void engineDestroyedBeforeItsObjects();
    void callsWithoutAnEngine();
    void engineDestroyedWithTasksInFlight();
    void engineDestroyedWithAPromiseAwaited_data();
    void engineDestroyedWithAPromiseAwaited();
    void engineDestroyedWithObjectsOfJavaScripts();
    void engineDestroyedWithFuturesOfStop();
    void objectsOfJavaScriptsAreCollected();
    void forgottenPromiseFreesTheTimer();
    void collectedWhileCalling();
    void reloadedManyTimes();
};

void tst_QmlEngine::init()
{
    QTest::failOnWarning(text(".*"));
}

void tst_QmlEngine::loadsWithoutQtQuick()
{
    const Scene scene("ScheduledTimer { }");
    QVERIFY(scene.root);
    QVERIFY(!QCoreApplication::instance()->inherits("QGuiApplication"));
}

void tst_QmlEngine::timerIsATimer()
{
    Scene scene("ScheduledTimer { interval: 0.5; policy: Delay; maximumTicks: 3; running: true }");
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    QVERIFY(timer);
    QCOMPARE(timer->interval(), Duration(500us));
    QCOMPARE(timer->policy(), ScheduledTimer::Policy::Delay);
    QCOMPARE(timer->maximumTicks(), 3);
    QCOMPARE(timer->clock(), &scene.clock);
    QVERIFY(timer->isRunning());

    QSignalSpy ticks(timer, &ScheduledTimer::tick);
    scene.clock.advance(1ms);
    QCOMPARE(ticks.count(), 2);

    // What C++ sets, QML reads; what int cannot hold, it sees as the largest int.
    timer->setInterval(2s);
    QCOMPARE(timer->property("interval").toDouble(), 2000.0);
    timer->setMaximumTicks(qint64{ 1 } << 40);
    QCOMPARE(timer->property("maximumTicks").toInt(), std::numeric_limits<int>::max());
}

void tst_QmlEngine::limiterIsALimiter()
{
    Scene scene("SerialRateLimiter { limits: [{ rate: 2, per: 0.5 }, { rate: 9, per: 60000 }] }");
    auto *limiter = qobject_cast<SerialRateLimiter *>(scene.root.get());
    QVERIFY(limiter);
    QCOMPARE(limiter->limits(), (QList<RateLimit>{ { 2, 500us }, { 9, 1min } }));
    QCOMPARE(limiter->clock(), &scene.clock);
}

void tst_QmlEngine::runningWaitsForCompletion()
{
    const Scene scene;
    QQmlComponent component(scene.engine.get());
    component.setData("import Tactus\nScheduledTimer { running: true }", QUrl());
    const std::unique_ptr<QObject> object(component.beginCreate(scene.engine->rootContext()));
    auto *timer = qobject_cast<ScheduledTimer *>(object.get());
    QVERIFY(timer);
    QVERIFY(!timer->isRunning());
    component.completeCreate();
    QVERIFY(timer->isRunning());
}

void tst_QmlEngine::callbackSetFromCpp()
{
    Scene scene("ScheduledTimer { interval: 10; running: true; property int calls: 0 }");
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    const QJSValue function = scene.engine->evaluate(
            QStringLiteral("(tick => { throw tick.index })"));
    QVERIFY(timer->setProperty("callback", QVariant::fromValue(function)));
    QSignalSpy errors(timer, &ScheduledTimer::errorOccurred);
    scene.clock.advance(10ms);
    QCOMPARE(errors.count(), 1);
    QCOMPARE(errors.at(0).at(1).toString(), QStringLiteral("scene.qml: 1"));
    timer->clearCallback(); // C++'s way counts as well
    scene.clock.advance(10ms);
    QCOMPARE(errors.count(), 1);
    QVERIFY(timer->setProperty("callback", QVariant::fromValue(function)));
    scene.clock.advance(10ms);
    QCOMPARE(errors.count(), 2);
}

void tst_QmlEngine::taskPushedFromCppSharesTheLane()
{
    Scene scene("SerialRateLimiter { rate: 100; property string order: \"\" ;"
                " function add() { push(() => { order += \"q\" }) } }");
    auto *limiter = qobject_cast<SerialRateLimiter *>(scene.root.get());
    const auto add = [limiter] {
        limiter->setProperty("order", limiter->property("order").toString() + QLatin1Char('c'));
    };
    limiter->post(add);
    QMetaObject::invokeMethod(limiter, "add");
    limiter->post(add);
    scene.clock.advance(0ns);
    QCOMPARE(limiter->property("order").toString(), QStringLiteral("cqc"));
}

void tst_QmlEngine::queuedTickArrivesAsAValue()
{
    Scene scene("ScheduledTimer { interval: 10; running: true }");
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    Tick seen;
    connect(
            timer, &ScheduledTimer::tick, this, [&seen](const Tick &tick) { seen = tick; },
            Qt::QueuedConnection);
    scene.clock.advance(10ms);
    QCOMPARE(seen.index(), 1);
}

void tst_QmlEngine::warningsNameThePlace_data()
{
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("warning");

    QTest::newRow("timer") << QByteArray("ScheduledTimer {\n interval: -5\n}")
                           << QByteArray("scene\\.qml:3:1: QML ScheduledTimer: interval wants a "
                                         "positive number of milliseconds, got -5 - ignored");
    QTest::newRow("limiter") << QByteArray("SerialRateLimiter {\n rate: 0\n}")
                             << QByteArray("scene\\.qml:3:1: QML SerialRateLimiter: rate wants a "
                                           "positive number, got 0 - ignored");
    QTest::newRow("inner") << QByteArray("QtObject {\n property var timer: ScheduledTimer {\n"
                                         " maximumTicks: -1 } }")
                           << QByteArray(
                                      "scene\\.qml:4:22: QML ScheduledTimer: maximumTicks wants a "
                                      "number that is not negative, got -1 - ignored");
    QTest::newRow("enumeration") << QByteArray("ScheduledTimer {\n property int p: 7\n policy: p\n}")
                                 << QByteArray("scene\\.qml:3:1: QML ScheduledTimer: policy wants a "
                                               "value of Policy, got 7 - ignored");
}

void tst_QmlEngine::warningsNameThePlace()
{
    QFETCH(const QByteArray, source);
    QFETCH(const QByteArray, warning);
    const Scene scene;
    QTest::ignoreMessage(QtWarningMsg, text(warning.constData()));
    const std::unique_ptr<QObject> object(scene.create(source.constData()));
    QVERIFY(object);
}

// What is no number an older engine refuses itself; for a newer one text is NaN, which the timer refuses.
// Both name the place, in each of the ways in which text may come to be assigned.
void tst_QmlEngine::textIsRefused()
{
    const auto refusal = [](const QByteArray &byTheEngine) {
        const QByteArray byTheTimer = ":\\d+:\\d+: QML ScheduledTimer: interval wants .*, got nan";
        return text(("^scene\\.qml(" + byTheEngine + "|" + byTheTimer + ")").constData());
    };
    const Scene scene;
    QTest::ignoreMessage(QtWarningMsg, text("^scene\\.qml:4(:\\d+:?)? .*number expected"));
    QVERIFY(!scene.create("ScheduledTimer {\n interval: \"abc\"\n}"));

    QTest::ignoreMessage(QtWarningMsg, refusal(":4:2: .*assign QString to double"));
    const std::unique_ptr<QObject> bound(
            scene.create("ScheduledTimer {\n interval: period\n property var period: \"abc\"\n}"));
    QVERIFY(bound);
    QCOMPARE(bound->property("interval").toDouble(), 1000.0);

    // The binding is still there.
    QVERIFY(bound->setProperty("period", 20));
    QCOMPARE(bound->property("interval").toDouble(), 20.0);
    QTest::ignoreMessage(QtWarningMsg, refusal(":4:2: .*assign QString to double"));
    QVERIFY(bound->setProperty("period", QStringLiteral("abc")));
    QCoreApplication::processEvents(); // such warnings are collected
    QCOMPARE(bound->property("interval").toDouble(), 20.0);

    QTest::ignoreMessage(QtWarningMsg, refusal(":4: Error: Cannot assign QString to double"));
    const std::unique_ptr<QObject> assigned(scene.create(
            "ScheduledTimer {\n Component.onCompleted: interval = \"abc\"\n interval: 30\n}"));
    QVERIFY(assigned);
    QCOMPARE(assigned->property("interval").toDouble(), 30.0);

    QTest::ignoreMessage(QtWarningMsg, refusal(": Could not set initial property interval"));
    const std::unique_ptr<QObject> maker(scene.create(
            "QtObject { id: maker; property Component timer: ScheduledTimer { }\n"
            " property QtObject made: timer.createObject(maker, { interval: \"abc\" })}"));
    QVERIFY(maker);
    const auto *made = maker->property("made").value<ScheduledTimer *>();
    QVERIFY(made);
    QCOMPARE(made->interval(), Duration(1s));
}

void tst_QmlEngine::errorInACallbackNamesThePlace()
{
    Scene scene("ScheduledTimer {\n interval: 10\n running: true\n"
                " callback: () => {\n  throw new Error('boom')\n }\n}");
    QSignalSpy errors(qobject_cast<ScheduledTimer *>(scene.root.get()),
                      &ScheduledTimer::errorOccurred);
    scene.clock.advance(10ms);
    QCOMPARE(errors.count(), 1);
    QCOMPARE(errors.at(0).at(1).toString(), QStringLiteral("scene.qml:7: Error: boom"));
}

void tst_QmlEngine::destroyedInItsOwnHandler_data()
{
    QTest::addColumn<QByteArray>("timer");
    for (const char *handler :
         { "onTick", "onCompleted", "onStarted", "onBusyChanged", "onTickCountChanged",
           "onRunningChanged", "onErrorOccurred", "callback: () =>" }) {
        const QByteArray assignment = QByteArray(handler) + (strchr(handler, ':') ? " " : ": ");
        QTest::newRow(handler) << QByteArray("ScheduledTimer { id: timer; interval: 10; ")
                                          + assignment + "timer.destroy() }";
    }
    QTest::newRow("then of stop()") << QByteArray("ScheduledTimer { id: timer; interval: 10; "
                                                  "onTick: stop().then(() => timer.destroy()) }");
}

void tst_QmlEngine::destroyedInItsOwnHandler()
{
    QFETCH(const QByteArray, timer);
    Scene scene("QtObject { id: root; function make(component) { component.createObject(root) }\n"
                "property Component component: Component { QtObject {} } }");
    const QByteArray source = "QtObject { property Component component: Component { " + timer
                              + " } }";
    const std::unique_ptr<QObject> document(scene.create(source.constData()));
    QVERIFY(document);
    QMetaObject::invokeMethod(scene.root.get(), "make",
                              Q_ARG(QVariant, document->property("component")));
    QPointer<ScheduledTimer> made = scene.root->findChild<ScheduledTimer *>();
    QVERIFY(made);
    if (timer.contains("onErrorOccurred"))
        made->setCallback([] { throw std::runtime_error("for the handler"); });
    made->start();
    scene.clock.advance(50ms);
    QVERIFY(!made);
    scene.clock.advance(50ms);
}

// Without the detour of destroy(): the object goes while its own function is on the stack.
void tst_QmlEngine::deletedInItsOwnCallback()
{
    Scene scene("ScheduledTimer { interval: 10; running: true; property QtObject remover;"
                " callback: () => { remover.objectName = 'now'; return Promise.resolve() } }");
    QObject remover;
    QObject *timer = scene.root.release();
    timer->setProperty("remover", QVariant::fromValue(&remover));
    QJSEngine::setObjectOwnership(&remover, QJSEngine::CppOwnership);
    connect(&remover, &QObject::objectNameChanged, &remover, [timer] { delete timer; });
    const QPointer<QObject> watched(timer);
    scene.clock.advance(10ms);
    QVERIFY(!watched);
    scene.clock.advance(50ms);
}

void tst_QmlEngine::limiterDeletedInItsOwnTask()
{
    Scene scene("SerialRateLimiter { property QtObject remover; property var outcomes: [];"
                " function go() { const told = outcomes;"
                "   push(() => { remover.objectName = 'now'; return 5 })"
                "     .then(value => told.push(value), error => told.push(error.name));"
                "   push(() => 6).catch(error => told.push(error.name)) } }");
    QObject remover;
    QJSEngine::setObjectOwnership(&remover, QJSEngine::CppOwnership);
    QObject *limiter = scene.root.release();
    const auto outcomes = limiter->property("outcomes").value<QJSValue>();
    limiter->setProperty("remover", QVariant::fromValue(&remover));
    connect(&remover, &QObject::objectNameChanged, &remover, [limiter] { delete limiter; });
    const QPointer<QObject> watched(limiter);
    QMetaObject::invokeMethod(limiter, "go");
    scene.clock.advance(0ns);
    QVERIFY(!watched);
    QCOMPARE(outcomes.property(QStringLiteral("length")).toInt(), 2);
    QCOMPARE(outcomes.property(1).toString(), QStringLiteral("CanceledError"));
}

void tst_QmlEngine::timerDeletedByWhoeverIsToldOfItsStop_data()
{
    QTest::addColumn<QByteArray>("call");
    for (const char *call : { "stop", "cancel" })
        QTest::newRow(call) << QByteArray(call);
}

void tst_QmlEngine::timerDeletedByWhoeverIsToldOfItsStop()
{
    QFETCH(QByteArray, call);
    Scene scene;
    auto *const timer = qobject_cast<ScheduledTimer *>(
            scene.create("ScheduledTimer { interval: 10; running: true }"));
    const std::unique_ptr<QObject> caller(scene.create(
            "QtObject { property var timer; property string fate;"
            "  function go(call) {"
            "      timer[call]().then(() => fate = 'fulfilled', () => fate = 'rejected')"
            "  } }"));
    caller->setProperty("timer", QVariant::fromValue<QObject *>(timer));
    const QPointer<QObject> alive(timer);
    connect(timer, &ScheduledTimer::stopped, this, [timer] { delete timer; });
    QMetaObject::invokeMethod(caller.get(), "go",
                              Q_ARG(QVariant, QVariant(QString::fromUtf8(call))));
    QVERIFY(!alive);
    QCoreApplication::processEvents();
    QCOMPARE(caller->property("fate").toString(), QStringLiteral("fulfilled"));
}

void tst_QmlEngine::clockThatIsGoneIsNotTheDefaultOne_data()
{
    QTest::addColumn<QByteArray>("type");
    for (const char *type : { "ScheduledTimer", "SerialRateLimiter" })
        QTest::newRow(type) << QByteArray(type);
}

void tst_QmlEngine::clockThatIsGoneIsNotTheDefaultOne()
{
    QFETCH(QByteArray, type);
    Scene scene((type
                 + " { property int changes: 0; onClockChanged: ++changes;"
                   " function reset() { clock = null } }")
                        .constData());
    QObject *const object = scene.root.get();
    const auto clock = [object]() -> Clock * {
        if (const auto *const timer = qobject_cast<ScheduledTimer *>(object))
            return timer->clock();
        return qobject_cast<SerialRateLimiter *>(object)->clock();
    };
    std::unique_ptr<QObject> manual(scene.create("ManualClock {}"));
    object->setProperty("clock", QVariant::fromValue(manual.get()));
    QCOMPARE(object->property("changes").toInt(), 1);
    Clock *const itsClock = clock();
    QVERIFY(itsClock != &scene.clock);
    manual.reset();
    QCOMPARE(object->property("changes").toInt(), 2);
    QVERIFY(!object->property("clock").value<QObject *>());
    QCOMPARE(clock(), itsClock); // which lives as long as it runs on it
    QMetaObject::invokeMethod(object, "reset");
    QCOMPARE(clock(), &scene.clock);
    QCOMPARE(object->property("changes").toInt(), 3);
    QMetaObject::invokeMethod(object, "reset");
    QCOMPARE(object->property("changes").toInt(), 3);
}

// An engine is its own thread's; so are the Promises, and what they call.
void tst_QmlEngine::taskOfAScriptGivesWayToOneOfAThread()
{
    Scene scene("SerialRateLimiter { paused: true; maximumPending: 1;"
                " overflow: SerialRateLimiter.DropOldest; property string error: \"\";"
                " function add() { push(() => 1).catch(reason => error = reason.name) } }");
    auto *const limiter = qobject_cast<SerialRateLimiter *>(scene.root.get());
    QMetaObject::invokeMethod(limiter, "add");
    QCOMPARE(limiter->pendingCount(), 1);
    std::thread([limiter] { limiter->post([] {}); }).join();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::MetaCall); // no turn of the limiter yet
    QCOMPARE(limiter->property("error").toString(), QString());
    QCOMPARE(limiter->failedCount(), 1);
    scene.clock.advance(0ns);
    QCOMPARE(limiter->property("error").toString(), QStringLiteral("QueueFullError"));
}

void tst_QmlEngine::severalEngines()
{
    const char *source = "ScheduledTimer { interval: 10; running: true; property int calls: 0;"
                         " callback: () => { calls++; return Promise.resolve() } }";
    Scene first(source);
    std::unique_ptr<QObject> inFirst = std::move(first.root);
    {
        Scene second;
        Clock::setDefault(&first.clock); // one time, two engines
        second.root.reset(second.create(source));
        first.clock.advance(20ms);
        QCOMPARE(second.root->property("calls").toInt(), 2);
        QCOMPARE(inFirst->property("calls").toInt(), 2);
    }
    first.clock.advance(20ms);
    QCOMPARE(inFirst->property("calls").toInt(), 4);
}

void tst_QmlEngine::functionOfAnotherEngineIsRefused()
{
    Scene scene("ScheduledTimer { interval: 10; running: true }");
    QJSEngine other;
    const QJSValue foreign = other.evaluate(QStringLiteral("(() => 5)"));
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    QTest::ignoreMessage(QtWarningMsg,
                         text("QJSManagedValue.* failed: Value was created in different engine"));
    QTest::ignoreMessage(QtWarningMsg, text("scene\\.qml:3:1: QML ScheduledTimer: callback wants a "
                                            "function of its own engine"));
    timer->setProperty("callback", QVariant::fromValue(foreign));
    scene.clock.advance(20ms);
    QCOMPARE(timer->tickCount(), 2);
}

void tst_QmlEngine::taskOfAnotherEngineIsRefused()
{
    Scene scene("SerialRateLimiter { }");
    QJSEngine other;
    const QJSValue foreign = other.evaluate(QStringLiteral("(() => 5)"));
    for (const char *method : { "push", "post" }) {
        QTest::ignoreMessage(
                QtWarningMsg,
                text("QJSManagedValue.* failed: Value was created in different engine"));
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(
                                     QStringLiteral("scene\\.qml:3:1: QML SerialRateLimiter: "
                                                    "%1\\(\\) wants a function of its own "
                                                    "engine, got another one's")
                                             .arg(QLatin1String(method))));
        QVERIFY(QMetaObject::invokeMethod(scene.root.get(), method, Q_ARG(QJSValue, foreign)));
    }
    scene.clock.advance(1h);
    QCOMPARE(qobject_cast<SerialRateLimiter *>(scene.root.get())->completedCount(), 0);
}

// What JavaScript's functions and Promises need is gone: nothing happens, and nothing crashes.
void tst_QmlEngine::callsWithoutAnEngine()
{
    Scene scene("SerialRateLimiter { }");
    const std::unique_ptr<QObject> timer(scene.create("ScheduledTimer { callback: () => 1 }"));
    scene.engine.reset();
    QJSValue promise = 1;
    QVERIFY(QMetaObject::invokeMethod(scene.root.get(), "push", Q_RETURN_ARG(QJSValue, promise),
                                      Q_ARG(QJSValue, QJSValue())));
    QVERIFY(promise.isUndefined());
    QVERIFY(QMetaObject::invokeMethod(scene.root.get(), "post", Q_ARG(QJSValue, QJSValue())));
    QCOMPARE(qobject_cast<SerialRateLimiter *>(scene.root.get())->pendingCount(), 0);
    promise = 1;
    QVERIFY(QMetaObject::invokeMethod(scene.root.get(), "drain", Q_RETURN_ARG(QJSValue, promise)));
    QVERIFY(promise.isUndefined());
    promise = 1;
    QVERIFY(QMetaObject::invokeMethod(timer.get(), "start"));
    QVERIFY(QMetaObject::invokeMethod(timer.get(), "stop", Q_RETURN_ARG(QJSValue, promise)));
    QVERIFY(promise.isUndefined());
}

void tst_QmlEngine::engineDestroyedBeforeItsObjects()
{
    Scene scene("QtObject { property var timer: ScheduledTimer { interval: 10; running: true;"
                "   callback: () => Promise.resolve() }"
                " property var limiter: SerialRateLimiter { rate: 100 } }");
    QPointer<ScheduledTimer> timer = scene.find<ScheduledTimer>("timer");
    QPointer<SerialRateLimiter> limiter = scene.find<SerialRateLimiter>("limiter");
    scene.clock.advance(10ms);
    scene.engine.reset();
    if (timer) {
        timer->stop();
        timer->start();
    }
    scene.clock.advance(100ms);
    if (timer)
        QCOMPARE(timer->tickCount(), 10);
    if (limiter) {
        const QFuture<int> future = limiter->push([] { return 5; });
        scene.clock.advance(0ns);
        QCOMPARE(future.result(), 5);
    }
}

void tst_QmlEngine::engineDestroyedWithTasksInFlight()
{
    Scene scene("SerialRateLimiter { rate: 1; property int runs: 0;"
                " function go() { for (let i = 0; i < 10; ++i) push(() => ++runs).catch(() => {});"
                "   for (let i = 0; i < 10; ++i) post(() => ++runs) } }");
    auto *limiter = qobject_cast<SerialRateLimiter *>(scene.root.get());
    QMetaObject::invokeMethod(limiter, "go");
    scene.clock.advance(1s);
    QCOMPARE(limiter->property("runs").toInt(), 2);
    const QFuture<int> future = limiter->push([] { return 5; });
    scene.engine.reset();
    scene.clock.advance(1min);
    // Functions without an engine are canceled; the queue goes on.
    QCOMPARE(limiter->pendingCount(), 0);
    QCOMPARE(limiter->canceledCount(), 18);
    QVERIFY(future.isFinished());
    QCOMPARE(future.result(), 5);
}

void tst_QmlEngine::engineDestroyedWithAPromiseAwaited_data()
{
    QTest::addColumn<QByteArray>("extra");
    QTest::newRow("that settles") << QByteArray("{}");
    QTest::newRow("that can be asked to cancel")
            << QByteArray("{ cancel: () => { asked = true } }");
}

void tst_QmlEngine::engineDestroyedWithAPromiseAwaited()
{
    QFETCH(const QByteArray, extra);
    const QByteArray source =
            "QtObject { property var timer: ScheduledTimer { objectName: \"timer\"; interval: 10;"
            "   running: true; callback: () => Object.assign(new Promise(f => settle = f), extra) }"
            " property var limiter: SerialRateLimiter { rate: 100; "
            "   Component.onCompleted: push(() => Object.assign(new Promise(f => settleTask = f),"
            "                                                   extra)).catch(() => {}) }"
            " property var settle; property var settleTask; property bool asked;"
            " readonly property var extra: ("
            + extra + ") }";
    Scene scene(source.constData());
    auto *timer = scene.find<ScheduledTimer>("timer");
    auto *limiter = scene.find<SerialRateLimiter>("limiter");
    QVERIFY(timer && limiter);
    scene.clock.advance(10ms);
    QVERIFY(timer->isBusy());
    QVERIFY(limiter->isBusy());
    scene.collectGarbage();
    scene.clock.advance(0ns);
    QVERIFY(timer->isBusy()); // somebody can still settle it
    QVERIFY(limiter->isBusy());

    const QPointer<ScheduledTimer> watchedTimer(timer);
    const QPointer<SerialRateLimiter> watchedLimiter(limiter);
    scene.engine.reset();
    scene.clock.advance(0ns);
    if (watchedTimer)
        QVERIFY(!watchedTimer->isBusy());
    if (watchedLimiter)
        QVERIFY(!watchedLimiter->isBusy());
}

// The engine deletes what JavaScript owns when hardly anything of it is left: no function may be
// called any more from there.
void tst_QmlEngine::engineDestroyedWithObjectsOfJavaScripts()
{
    Scene scene(
            "QtObject { property var keep: []; property var pending: [];"
            " property Component timer: ScheduledTimer { interval: 10; running: true;"
            "   callback: () => new Promise(() => {}) }"
            " property Component limiter: SerialRateLimiter { rate: 100 }"
            " function go() {"
            "   for (let i = 0; i < 5; ++i) {"
            "     const t = timer.createObject(null); keep.push(t);"
            "     const l = limiter.createObject(null); keep.push(l);"
            "     pending.push(l.push(() => new Promise(f => pending.push(f))));"
            "     pending.push(l.push(() => 5)); pending.push(l.drain());"
            "     pending.push(t.stop()); t.start() } }"
            " function stopAll() { for (const o of keep) if (o.stop) pending.push(o.stop()) } }");
    QMetaObject::invokeMethod(scene.root.get(), "go");
    scene.clock.advance(10ms);
    QMetaObject::invokeMethod(scene.root.get(), "stopAll");
    scene.root.reset();
    scene.engine.reset();
    scene.clock.advance(1s);
}

void tst_QmlEngine::engineDestroyedWithFuturesOfStop()
{
    Scene scene("ScheduledTimer { interval: 10; running: true; property var settle;"
                " callback: () => new Promise(f => settle = f);"
                " function go() { stop().then(() => {}); return cancel() } }");
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    scene.clock.advance(10ms);
    QMetaObject::invokeMethod(timer, "go");
    QVERIFY(timer->isBusy());
    const QFuture<void> stopped = timer->stop();
    QVERIFY(!stopped.isFinished());
    scene.engine.reset();
    scene.clock.advance(0ns);
    QVERIFY(stopped.isFinished());
}

void tst_QmlEngine::objectsOfJavaScriptsAreCollected()
{
    Scene scene("QtObject { property Component limiter: SerialRateLimiter { rate: 100 }"
                " property var outcomes: [];"
                " function go() { limiter.createObject(null).push(() => 5)"
                "     .then(v => outcomes.push(v), e => outcomes.push(e.name)) } }");
    QMetaObject::invokeMethod(scene.root.get(), "go");
    scene.collectGarbage();
    scene.clock.advance(0ns);
    const auto outcomes = scene.root->property("outcomes").value<QJSValue>();
    QCOMPARE(outcomes.property(QStringLiteral("length")).toInt(), 1);
}

void tst_QmlEngine::forgottenPromiseFreesTheTimer()
{
    Scene scene(
            "ScheduledTimer { interval: 10; running: true; callback: () => new Promise(() => {}) }");
    auto *timer = qobject_cast<ScheduledTimer *>(scene.root.get());
    scene.clock.advance(10ms);
    QVERIFY(timer->isBusy());
    const auto collected = [&] {
        scene.collectGarbage();
        scene.clock.advance(0ns);
        return !timer->isBusy();
    };
    QTRY_VERIFY_WITH_TIMEOUT(collected(), Ceiling.count());
    QCOMPARE(timer->tickCount(), 1);
}

void tst_QmlEngine::collectedWhileCalling()
{
    Scene scene("ScheduledTimer { interval: 10; running: true; property int calls: 0;"
                " callback: (tick) => { gc(); calls += tick.index; callback = (tick) => {"
                "   gc(); calls += 10 * tick.index } } }");
    scene.engine->installExtensions(QJSEngine::GarbageCollectionExtension);
    scene.clock.advance(20ms);
    QCOMPARE(scene.root->property("calls").toInt(), 1 + 10 * 2);
}

void tst_QmlEngine::reloadedManyTimes()
{
    for (int i = 0; i < 20; ++i) {
        Scene scene("QtObject { property var timer: ScheduledTimer { interval: 1; running: true;"
                    "   callback: () => Promise.resolve() }"
                    " property var limiter: SerialRateLimiter { rate: 100 }"
                    " property var clock: ManualClock { } }");
        scene.clock.advance(5ms);
        if (i % 2)
            scene.engine.reset();
    }
}

QTEST_GUILESS_MAIN(tst_QmlEngine)
#include "tst_qmlengine.moc"
