// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "devicemonitor.h"
#include "monitorwindow.h"

#include <Tactus/ManualClock>

#include <QtCore/qscopeguard.h>
#include <QtCore/qset.h>
#include <QtCore/qtimer.h>
#include <QtGui/qguiapplication.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWidgets/qapplication.h>
#include <QtWidgets/qlabel.h>
#include <QtWidgets/qpushbutton.h>
#include <QtWidgets/qspinbox.h>
#include <QtWidgets/qtableview.h>

#include <algorithm>
#include <chrono>
#include <memory>

using namespace std::chrono_literals;
using Tactus::Duration;
using Tactus::ScheduledTimer;
using Tactus::SerialRateLimiter;

namespace {

class PaintCounter : public QObject
{
    Q_OBJECT

public:
    explicit PaintCounter(int *count)
        : m_count(count)
    {
    }

    bool eventFilter(QObject *, QEvent *event) override
    {
        *m_count += event->type() == QEvent::Paint ? 1 : 0;
        return false;
    }

private:
    int *const m_count;
};

} // namespace

// The device monitor, on a real X server, driven with the mouse. Its time is virtual: it stands still
// while a test looks, and passes when the test says so.
class tst_DeviceMonitor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void heartbeatCountsWhatItMissed();
    void pollWaitsForItsAnswer();
    void requestsAreLimited();
    void rateChanges();
    void pauseAndResume();
    void cancelWaiting();
    void cancelRunning();
    void cancelWithTheKeyboard();
    void clear();
    void nothingIsSelectedByItself();
    void queueVeryMany();
    void usableWhileVeryManyAreQueued();
    void scrolledTableKeepsItsPlace();
    void closesWithVeryManyQueued();
    void layoutHoldsAtAnySize_data();
    void layoutHoldsAtAnySize();

private:
    struct Application
    {
        DeviceMonitor monitor{ 1 };
        MonitorWindow window{ &monitor };
    };

    RequestModel *requests() { return m_application->monitor.requests(); }
    SerialRateLimiter *limiter() { return requests()->limiter(); }
    QTableView *table() { return find<QTableView>("requests"); }
    template <typename Widget>
    Widget *find(const char *name)
    {
        return m_application->window.findChild<Widget *>(QString::fromLatin1(name));
    }
    QString text(const char *label) { return find<QLabel>(label)->text(); }
    Request::State state(int row) { return requests()->request(requests()->index(row, 0))->state; }
    qint64 endedCount() { return limiter()->completedCount() + limiter()->failedCount(); }

    void click(QWidget *widget, QPoint position);
    void click(const char *button);
    void clickRow(int row);
    void queueVeryManyAndWait();

    std::unique_ptr<Tactus::ManualClock> m_clock;
    std::unique_ptr<Application> m_application;
};

void tst_DeviceMonitor::initTestCase()
{
    QCOMPARE(QGuiApplication::platformName(), QStringLiteral("xcb"));
}

void tst_DeviceMonitor::init()
{
    m_clock = std::make_unique<Tactus::ManualClock>();
    Tactus::Clock::setDefault(m_clock.get());
    m_application = std::make_unique<Application>();
    m_application->window.resize(1000, 700);
    m_application->window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&m_application->window, 30'000));
    m_application->monitor.start();
}

void tst_DeviceMonitor::cleanup()
{
    m_application.reset();
    Tactus::Clock::setDefault(nullptr);
    m_clock.reset();
}

// Through the window, as the X server would: what is at that place gets it.
void tst_DeviceMonitor::click(QWidget *widget, QPoint position)
{
    MonitorWindow &window = m_application->window;
    QTest::mouseClick(window.windowHandle(), Qt::LeftButton, {}, widget->mapTo(&window, position));
    m_clock->advance(0ns);
}

void tst_DeviceMonitor::click(const char *button)
{
    auto *const found = find<QPushButton>(button);
    QVERIFY2(found && found->isEnabled(), button);
    click(found, found->rect().center());
}

void tst_DeviceMonitor::clickRow(int row)
{
    const QRect cell = table()->visualRect(requests()->index(row, RequestModel::Command));
    click(table()->viewport(), cell.center());
    QCOMPARE(table()->currentIndex().row(), row);
}

void tst_DeviceMonitor::queueVeryManyAndWait()
{
    click("pause");
    click("sendMany");
    QTRY_COMPARE_WITH_TIMEOUT(limiter()->pendingCount(), 100'000, 60'000);
}

void tst_DeviceMonitor::heartbeatCountsWhatItMissed()
{
    QSignalSpy pings(m_application->monitor.device(), &Device::pinged);
    m_clock->advance(10s);
    QCOMPARE(pings.count(), 10);

    m_clock->elapse(3500ms); // the event loop hangs: 11 and 12 are missed, 13 comes late
    m_clock->advance(0ns);
    QCOMPARE(pings.count(), 11);
    QCOMPARE(m_application->monitor.heartbeat()->missedCount(), 2);
    m_clock->advance(500ms);
    QCOMPARE(pings.count(), 12);
    QCOMPARE(m_application->monitor.activity()->events(ActivityLog::Heartbeat).size(), 14U);
}

void tst_DeviceMonitor::pollWaitsForItsAnswer()
{
    ScheduledTimer *const poll = m_application->monitor.poll();
    Duration ended{};
    QList<Duration> pauses;
    QList<Duration> times;
    connect(poll, &ScheduledTimer::tick, this,
            [&] { pauses.append(m_clock->now().time_since_epoch() - ended); });
    connect(poll, &ScheduledTimer::completed, this,
            [&] { ended = m_clock->now().time_since_epoch(); });
    connect(m_application->monitor.device(), &Device::measured, this,
            [&](const Reading &, Duration took) { times.append(took); });
    m_clock->advance(1min);

    QVERIFY(times.size() > 12);
    QVERIFY(times.count(times.first()) < times.size()); // random
    QCOMPARE(pauses.count(2s), pauses.size()); // and yet 2 s between one and the next
}

void tst_DeviceMonitor::requestsAreLimited()
{
    QList<Duration> ends;
    const auto note = [&] { ends.append(m_clock->now().time_since_epoch()); };
    connect(limiter(), &SerialRateLimiter::taskCompleted, this, note);
    connect(limiter(), &SerialRateLimiter::taskFailed, this, note);

    for (int i = 0; i < 12; ++i)
        click("send");
    QCOMPARE(requests()->rowCount(), 12);
    m_clock->advance(10s);
    QCOMPARE(endedCount(), 12);
    QCOMPARE(ends.size(), 12);
    for (int i = 5; i < 12; ++i)
        QVERIFY(ends.at(i) - ends.at(i - 5) >= 1s);
    QCOMPARE(text("queueLength"), QStringLiteral("0"));
    QVERIFY(requests()->rowCount() < 12); // old ones go
}

void tst_DeviceMonitor::rateChanges()
{
    auto *const rate = find<QSpinBox>("rate");
    QCOMPARE(rate->value(), limiter()->rate());
    click(rate, QPoint(rate->width() - 6, 6)); // the arrow that points up
    QCOMPARE(rate->value(), 6);
    QCOMPARE(limiter()->rate(), 6);
}

void tst_DeviceMonitor::pauseAndResume()
{
    click("pause");
    QVERIFY(limiter()->isPaused());
    QCOMPARE(find<QPushButton>("pause")->text(), QStringLiteral("Resume"));
    QCOMPARE(text("estimatedWait"), QStringLiteral("paused"));

    for (int i = 0; i < 3; ++i)
        click("send");
    m_clock->advance(10s);
    QCOMPARE(limiter()->pendingCount(), 3);
    QCOMPARE(text("queueLength"), QStringLiteral("3"));
    QCOMPARE(endedCount(), 0);

    click("pause");
    QVERIFY(!limiter()->isPaused());
    QCOMPARE(find<QPushButton>("pause")->text(), QStringLiteral("Pause"));
    m_clock->advance(10s);
    QCOMPARE(limiter()->pendingCount(), 0);
    QCOMPARE(endedCount(), 3);
}

void tst_DeviceMonitor::cancelWaiting()
{
    QVERIFY(!find<QPushButton>("cancel")->isEnabled());
    click("pause");
    for (int i = 0; i < 3; ++i)
        click("send");
    QVERIFY(!find<QPushButton>("cancel")->isEnabled()); // nothing is selected

    clickRow(1);
    click("cancel");
    QTRY_COMPARE_WITH_TIMEOUT(limiter()->pendingCount(), 2, 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(!find<QPushButton>("cancel")->isEnabled(), 10'000);
    QCOMPARE(state(0), Request::State::Waiting);
    QCOMPARE(state(1), Request::State::Canceled);
    QCOMPARE(state(2), Request::State::Waiting);

    click("pause");
    m_clock->advance(10s);
    QCOMPARE(endedCount(), 2);
    QCOMPARE(limiter()->canceledCount(), 1);
}

void tst_DeviceMonitor::cancelRunning()
{
    click("send");
    click("send");
    m_clock->advance(10ms);
    QCOMPARE(state(0), Request::State::Running);
    clickRow(0);
    click("cancel");
    QTRY_COMPARE_WITH_TIMEOUT(state(0), Request::State::Canceled, 10'000);
    m_clock->advance(10s);
    QCOMPARE(endedCount(), 1); // the other one came through
}

void tst_DeviceMonitor::cancelWithTheKeyboard()
{
    m_application->window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&m_application->window, 30'000));
    click("pause");
    for (int i = 0; i < 3; ++i)
        click("send");
    clickRow(0);
    const auto press = [this](Qt::Key key) {
        QTest::keyClick(m_application->window.windowHandle(), key);
        m_clock->advance(0ns);
    };
    press(Qt::Key_Down);
    press(Qt::Key_Delete);
    QTRY_COMPARE_WITH_TIMEOUT(limiter()->pendingCount(), 2, 10'000);
    QCOMPARE(state(1), Request::State::Canceled);

    // Every control can be reached.
    QSet<QString> reached;
    for (int i = 0; i < 12; ++i) {
        press(Qt::Key_Tab);
        reached += QApplication::focusWidget()->objectName();
    }
    for (const char *name : { "requests", "rate", "send", "sendMany", "pause" })
        QVERIFY2(reached.contains(QString::fromLatin1(name)), name);
    find<QPushButton>("send")->setFocus();
    press(Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(limiter()->pendingCount(), 3, 10'000);
}

// Rows that end go, also the current one.
void tst_DeviceMonitor::nothingIsSelectedByItself()
{
    for (int i = 0; i < 20; ++i)
        click("send");
    table()->setFocus();
    m_clock->advance(10s);
    QCOMPARE(endedCount(), 20);
    QVERIFY(!table()->selectionModel()->hasSelection());

    clickRow(2);
    const QString selected = table()->currentIndex().data().toString();
    click("send");
    m_clock->advance(10s);
    QCOMPARE(table()->currentIndex().data().toString(), selected); // it has moved up
    for (int i = 0; i < 5; ++i)
        click("send");
    m_clock->advance(10s);
    QVERIFY(!table()->selectionModel()->hasSelection()); // it has gone
}

void tst_DeviceMonitor::clear()
{
    QVERIFY(!find<QPushButton>("clear")->isEnabled());
    for (int i = 0; i < 5; ++i)
        click("send");
    m_clock->advance(10ms);
    QCOMPARE(state(0), Request::State::Running);
    click("clear");
    QCOMPARE(limiter()->pendingCount(), 0);
    QCOMPARE(limiter()->canceledCount(), 4);
    QVERIFY(!find<QPushButton>("clear")->isEnabled());
    QCOMPARE(text("queueLength"), QStringLiteral("0"));
    m_clock->advance(10s);
    QCOMPARE(endedCount(), 1); // the running one was left alone
    QVERIFY(text("counts").contains(QStringLiteral("4 canceled")));
}

void tst_DeviceMonitor::queueVeryMany()
{
    int turns = 0;
    QTimer turn;
    connect(&turn, &QTimer::timeout, this, [&turns] { ++turns; });
    turn.start(0);

    click("pause");
    click("sendMany");
    QVERIFY(limiter()->pendingCount() < 100'000); // the click did not wait for all of them
    QTRY_COMPARE_WITH_TIMEOUT(limiter()->pendingCount(), 100'000, 60'000);
    QVERIFY2(turns >= 100, qPrintable(QString::number(turns))); // the event loop went on meanwhile
    QCOMPARE(requests()->rowCount(), 100'000);

    click("pause");
    m_clock->advance(20s);
    QVERIFY(endedCount() > 60);
    QVERIFY(endedCount() <= 105); // five in any second
    QCOMPARE(limiter()->pendingCount() + limiter()->completedCount() + limiter()->failedCount()
                     + (limiter()->isBusy() ? 1 : 0),
             100'000);
    QCOMPARE(text("estimatedWait"), QStringLiteral("5 h 33 min"));
    QVERIFY(m_application->window.grab().save(QStringLiteral("tst_devicemonitor.png")));

    click("clear");
    QCOMPARE(limiter()->pendingCount(), 0);
    m_clock->advance(1s); // the running one ends
    QTRY_VERIFY_WITH_TIMEOUT(requests()->rowCount() < 20, 60'000);
    click("send");
    m_clock->advance(2s);
    QCOMPARE(limiter()->pendingCount(), 0);
}

// While very many are being queued, what a user does is served, and the window painted, within a few
// turns of the event loop. (Each turn adds a slice of them.)
void tst_DeviceMonitor::usableWhileVeryManyAreQueued()
{
    constexpr int fewTurns = 20;
    const auto turnsUntil = [](auto isDone) {
        int turns = 0;
        while (!isDone() && turns < 1000) {
            QCoreApplication::processEvents();
            ++turns;
        }
        return turns;
    };
    const auto queued = [this] { return requests()->rowCount(); };
    int paints = 0;
    PaintCounter counter(&paints);
    table()->viewport()->installEventFilter(&counter);

    click("sendMany");
    click("pause");
    QVERIFY(limiter()->isPaused());
    clickRow(3);
    click("cancel");
    QVERIFY(turnsUntil([this] { return limiter()->canceledCount() == 1; }) < fewTurns);
    QVERIFY(turnsUntil([&] { return queued() >= 50'000; }) < 1000);
    paints = 0;
    table()->scrollToBottom();
    QVERIFY(turnsUntil([&] { return paints > 0; }) < fewTurns);
    QVERIFY(queued() < 100'000); // it has all been in the middle of it
    QTRY_COMPARE_WITH_TIMEOUT(queued(), 100'000, 60'000);

    // And while they wait.
    click("pause");
    m_clock->advance(1s);
    QVERIFY(endedCount() >= 1);
    paints = 0;
    table()->setFocus();
    QTest::keyClick(m_application->window.windowHandle(), Qt::Key_PageUp);
    QVERIFY(turnsUntil([&] { return paints > 0; }) < fewTurns);
}

void tst_DeviceMonitor::scrolledTableKeepsItsPlace()
{
    queueVeryManyAndWait();
    const QModelIndex index = requests()->index(50'000, RequestModel::Id);
    const QString number = index.data().toString();
    table()->scrollTo(index, QAbstractItemView::PositionAtTop);
    const auto atTop = [this] { return table()->indexAt(QPoint(5, 5)).data().toString(); };
    QCOMPARE(atTop(), number);
    click("pause");
    m_clock->advance(10s);
    QVERIFY(requests()->rowCount() < 100'000);
    QCOMPARE(atTop(), number);
}

void tst_DeviceMonitor::closesWithVeryManyQueued()
{
    queueVeryManyAndWait();
    click("pause");
    m_clock->advance(1s);
    const auto waiting = requests()->request(requests()->index(50'000, 0))->future;
    m_application.reset();
    QVERIFY(waiting.isFinished());
    QVERIFY(waiting.isCanceled());
}

void tst_DeviceMonitor::layoutHoldsAtAnySize_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<qreal>("fontScale");
    QTest::newRow("smallest") << QSize(1, 1) << 1.0;
    QTest::newRow("usual") << QSize(1000, 700) << 1.0;
    QTest::newRow("large") << QSize(1600, 1000) << 1.0;
    QTest::newRow("smallest, large font") << QSize(1, 1) << 1.5;
    QTest::newRow("large, large font") << QSize(1600, 1000) << 1.5;
}

void tst_DeviceMonitor::layoutHoldsAtAnySize()
{
    QFETCH(QSize, size);
    QFETCH(qreal, fontScale);
    const QFont font = QApplication::font();
    const auto restored = qScopeGuard([&font] { QApplication::setFont(font); });
    QFont scaled = font;
    scaled.setPointSizeF(font.pointSizeF() * fontScale);
    QApplication::setFont(scaled);
    MonitorWindow window(&m_application->monitor);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window, 30'000));
    window.resize(size.expandedTo(window.minimumSizeHint()));
    QTRY_COMPARE_WITH_TIMEOUT(window.size(), size.expandedTo(window.minimumSizeHint()), 10'000);
    QVERIFY(window.width() <= std::max(1000 * fontScale, qreal(size.width())));
    QVERIFY(window.height() <= std::max(700 * fontScale, qreal(size.height())));

    const auto buttons = window.findChildren<QPushButton *>();
    QCOMPARE(buttons.size(), 5);
    for (const QPushButton *button : buttons) {
        const QRect place(button->mapTo(&window, QPoint()), button->size());
        QVERIFY2(window.rect().contains(place), qPrintable(button->text()));
        QVERIFY2(button->width() >= button->sizeHint().width(), qPrintable(button->text()));
    }
    for (const QLabel *label : window.findChildren<QLabel *>())
        QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->text()));
    QVERIFY(window.findChild<QTableView *>()->viewport()->height() >= 100);
}

QTEST_MAIN(tst_DeviceMonitor)
#include "tst_devicemonitor.moc"
