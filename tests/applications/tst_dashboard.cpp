// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "dashboard.h"

#include <QtCore/qdir.h>
#include <QtGui/qaccessible.h>
#include <QtGui/qguiapplication.h>
#include <QtGui/qimage.h>
#include <QtGui/qpalette.h>
#include <QtQml/qqmlapplicationengine.h>
#include <QtQml/qqmlproperty.h>
#include <QtQuick/qquickitem.h>
#include <QtQuick/qquickwindow.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <memory>

using namespace Qt::StringLiterals;

namespace {

// What one can operate.
const QStringList controls = { u"load"_s,       u"restart"_s,  u"rate"_s,   u"send"_s,
                               u"pause"_s,      u"clear"_s,    u"cancel"_s, u"themeSystem"_s,
                               u"themeLight"_s, u"themeDark"_s };

// Also what a Repeater has made, which is nobody's QObject child that can be found.
QQuickItem *itemBelow(QQuickItem *parent, const QString &name)
{
    const QList<QQuickItem *> children = parent->childItems();
    for (QQuickItem *const child : children) {
        QQuickItem *const found = child->objectName() == name ? child : itemBelow(child, name);
        if (found)
            return found;
    }
    return nullptr;
}

} // namespace

// Opens the dashboard on a real display, and uses it as a person would: with the mouse and the
// keyboard. What is measured on the real clock is only compared with bounds that always hold.
class TestDashboard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void fixedCountsWhatTheLoadMakesItMiss();
    void loadSliderSetsTheLoad();
    void restartBeginsAtZero();
    void pauseHoldsTheQueue();
    void clearEmptiesTheQueue();
    void cancelEndsTheRunningRequest();
    void rateSliderSetsTheLimit();
    void keyboardReachesEverything();
    void everythingHasAName();
    void noWindowIsFullerThanTheLimit();
    void resizes_data();
    void resizes();
    void followsTheSystemsTheme();
    void screenshots_data();
    void screenshots();
    void cleanupTestCase();

private:
    QQuickItem *item(const QString &name) const;
    QObject *object(const QString &path) const;
    QVariant read(const QString &path) const;
    void write(const QString &path, const QVariant &value) const;
    void click(const QString &name) const;
    void drag(const QString &name, qreal from, qreal to) const;
    bool controlsFit() const;

    std::unique_ptr<QQmlApplicationEngine> m_engine;
    QQuickWindow *m_window = nullptr;
    QStringList m_warnings;
};

void TestDashboard::initTestCase()
{
    QAccessible::setActive(true); // as where a screen reader runs
    m_engine = std::make_unique<QQmlApplicationEngine>();
    connect(m_engine.get(), &QQmlEngine::warnings, this, [this](const QList<QQmlError> &warnings) {
        for (const QQmlError &warning : warnings)
            m_warnings += warning.toString();
    });
    QVERIFY(openDashboard(*m_engine));
    m_window = qobject_cast<QQuickWindow *>(m_engine->rootObjects().constFirst());
    QVERIFY(m_window);
    QVERIFY(QTest::qWaitForWindowExposed(m_window));
    QCOMPARE(m_window->size(), QSize(1280, 800));
}

void TestDashboard::cleanup()
{
    QCOMPARE(m_warnings, QStringList());
}

void TestDashboard::cleanupTestCase()
{
    m_engine.reset();
    QCOMPARE(m_warnings, QStringList());
}

QQuickItem *TestDashboard::item(const QString &name) const
{
    return itemBelow(m_window->contentItem(), name);
}

// A path of properties, as "requests.limiter".
QObject *TestDashboard::object(const QString &path) const
{
    QObject *object = m_window;
    const QStringList names = path.split(u'.');
    for (const QString &name : names)
        object = QQmlProperty::read(object, name, m_engine.get()).value<QObject *>();
    return object;
}

QVariant TestDashboard::read(const QString &path) const
{
    return QQmlProperty::read(object(path.section(u'.', 0, -2)), path.section(u'.', -1));
}

void TestDashboard::write(const QString &path, const QVariant &value) const
{
    QVERIFY(QQmlProperty::write(object(path.section(u'.', 0, -2)), path.section(u'.', -1), value));
}

void TestDashboard::click(const QString &name) const
{
    QQuickItem *const target = item(name);
    if (!target)
        QFAIL(qPrintable(name));
    QTRY_VERIFY2(target->isEnabled(), qPrintable(name));
    QTest::mouseClick(m_window, Qt::LeftButton, Qt::NoModifier,
                      target->mapToScene(target->boundingRect().center()).toPoint());
}

// Both ends as shares of the slider's width.
void TestDashboard::drag(const QString &name, qreal from, qreal to) const
{
    QQuickItem *const target = item(name);
    if (!target)
        QFAIL(qPrintable(name));
    const auto at = [target](qreal share) {
        return target->mapToScene(QPointF(1 + share * (target->width() - 2), target->height() / 2))
                .toPoint();
    };
    constexpr int steps = 8;
    QTest::mousePress(m_window, Qt::LeftButton, Qt::NoModifier, at(from));
    for (int step = 1; step <= steps; ++step)
        QTest::mouseMove(m_window, at(from + (to - from) * step / steps));
    QTest::mouseRelease(m_window, Qt::LeftButton, Qt::NoModifier, at(to));
}

void TestDashboard::fixedCountsWhatTheLoadMakesItMiss()
{
    const auto ticks = [this] { return read(u"timers.fixed.ticks"_s).toInt(); };
    const auto missed = [this] { return read(u"timers.fixed.missed"_s).toInt(); };
    drag(u"load"_s, 0.4, 1);
    QCOMPARE(read(u"timers.load"_s).toReal(), 800.0);
    QTRY_VERIFY_WITH_TIMEOUT(missed() >= 2, 20000);
    QVERIFY(ticks() > 0);
    // Every slot of the schedule is a tick or a counted miss, whatever the load: the tick that comes
    // after them all is the next one.
    QCOMPARE(read(u"timers.fixed.latestNumber"_s).toInt(), ticks() + missed());
    // A ring for each one missed that is in sight.
    QVERIFY(read(u"timers.fixed.marks.count"_s).toInt() > ticks() / 2);
}

void TestDashboard::loadSliderSetsTheLoad()
{
    drag(u"load"_s, 1, 0);
    QCOMPARE(read(u"timers.load"_s).toReal(), 0.0);
    // Also with the keyboard.
    item(u"load"_s)->forceActiveFocus();
    QTest::keyClick(m_window, Qt::Key_Right);
    QCOMPARE(read(u"timers.load"_s).toReal(), 50.0);
    QTest::keyClick(m_window, Qt::Key_Left);
    QCOMPARE(read(u"timers.load"_s).toReal(), 0.0);
}

void TestDashboard::restartBeginsAtZero()
{
    QTRY_VERIFY_WITH_TIMEOUT(read(u"timers.cppTimer.ticks"_s).toInt() > 2, 10000);
    const double latest = read(u"timers.qmlTimer.begin"_s).toDouble();
    click(u"restart"_s);
    for (const QString &timer : { u"fixed"_s, u"delay"_s, u"cppTimer"_s, u"qmlTimer"_s }) {
        QVERIFY(read(u"timers.%1.begin"_s.arg(timer)).toDouble() > latest);
        QTRY_VERIFY_WITH_TIMEOUT(read(u"timers.%1.ticks"_s.arg(timer)).toInt() > 0, 10000);
    }
}

void TestDashboard::pauseHoldsTheQueue()
{
    write(u"requests.hasTraffic"_s, false);
    click(u"pause"_s);
    QVERIFY(read(u"requests.limiter.paused"_s).toBool());
    QTRY_VERIFY_WITH_TIMEOUT(!read(u"requests.limiter.busy"_s).toBool(), 10000);

    const int queued = read(u"requests.limiter.pendingCount"_s).toInt();
    click(u"send"_s);
    QCOMPARE(read(u"requests.limiter.pendingCount"_s).toInt(), queued + 10);
    QTest::qWait(50);
    QCOMPARE(read(u"requests.limiter.pendingCount"_s).toInt(), queued + 10);
}

void TestDashboard::clearEmptiesTheQueue()
{
    QVERIFY(read(u"requests.limiter.paused"_s).toBool());
    const int queued = read(u"requests.limiter.pendingCount"_s).toInt();
    const int canceled = read(u"requests.canceled"_s).toInt();
    QVERIFY(queued >= 10);
    click(u"clear"_s);
    QCOMPARE(read(u"requests.limiter.pendingCount"_s).toInt(), 0);
    QCOMPARE(read(u"requests.canceled"_s).toInt(), canceled + queued);
}

void TestDashboard::cancelEndsTheRunningRequest()
{
    write(u"requests.server.shortest"_s, 60000);
    write(u"requests.server.longest"_s, 60000);
    const int canceled = read(u"requests.canceled"_s).toInt();
    click(u"send"_s);
    QVERIFY(!item(u"cancel"_s)->isEnabled()); // still paused
    click(u"pause"_s);
    QVERIFY(!read(u"requests.limiter.paused"_s).toBool());
    QTRY_VERIFY_WITH_TIMEOUT(read(u"requests.limiter.busy"_s).toBool(), 10000);
    click(u"cancel"_s);
    QTRY_COMPARE_WITH_TIMEOUT(read(u"requests.canceled"_s).toInt(), canceled + 1, 10000);

    // The next one may be running by now, for a minute too.
    click(u"clear"_s);
    write(u"requests.server.shortest"_s, 20);
    write(u"requests.server.longest"_s, 60);
    if (read(u"requests.limiter.busy"_s).toBool())
        click(u"cancel"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!read(u"requests.limiter.busy"_s).toBool(), 10000);
    QCOMPARE(read(u"requests.canceled"_s).toInt(), canceled + 10);
}

void TestDashboard::rateSliderSetsTheLimit()
{
    drag(u"rate"_s, 0.4, 1);
    QCOMPARE(read(u"requests.limiter.rate"_s).toInt(), 12);
    drag(u"rate"_s, 1, 0);
    QCOMPARE(read(u"requests.limiter.rate"_s).toInt(), 1);
    item(u"rate"_s)->forceActiveFocus();
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(m_window, Qt::Key_Right);
    QCOMPARE(read(u"requests.limiter.rate"_s).toInt(), 5);
}

void TestDashboard::keyboardReachesEverything()
{
    m_window->requestActivate();
    QVERIFY(QTest::qWaitForWindowActive(m_window, 30000));
    QStringList reached;
    QQuickItem *const first = item(u"load"_s);
    first->forceActiveFocus(Qt::TabFocusReason);
    do {
        reached += m_window->activeFocusItem()->objectName();
        QTest::keyClick(m_window, Qt::Key_Tab);
    } while (m_window->activeFocusItem() != first && reached.size() < 30);
    for (const QString &name : controls) {
        if (item(name)->isEnabled())
            QVERIFY2(reached.contains(name), qPrintable(name));
    }

    const bool wasPaused = read(u"requests.limiter.paused"_s).toBool();
    item(u"pause"_s)->forceActiveFocus(Qt::TabFocusReason);
    QTest::keyClick(m_window, Qt::Key_Space);
    QCOMPARE(read(u"requests.limiter.paused"_s).toBool(), !wasPaused);
    QTest::keyClick(m_window, Qt::Key_Space);
    QCOMPARE(read(u"requests.limiter.paused"_s).toBool(), wasPaused);
}

void TestDashboard::everythingHasAName()
{
    for (const QString &name : controls) {
        QAccessibleInterface *const accessible = QAccessible::queryAccessibleInterface(item(name));
        QVERIFY2(accessible, qPrintable(name));
        QVERIFY2(!accessible->text(QAccessible::Name).isEmpty(), qPrintable(name));
        QVERIFY2(accessible->role() != QAccessible::Client, qPrintable(name));
    }
}

void TestDashboard::noWindowIsFullerThanTheLimit()
{
    write(u"requests.server.failureRate"_s, 0.15);
    const int completed = read(u"requests.completed"_s).toInt();
    click(u"send"_s);
    QTRY_VERIFY_WITH_TIMEOUT(read(u"requests.completed"_s).toInt() > completed + 4, 30000);
    QVERIFY(read(u"requests.fullestWindow"_s).toInt() <= 5);
    QVERIFY(read(u"requests.fullestWindow"_s).toInt() >= 1);
}

// Whether everything one can click is in the window, and nothing of it overlaps.
bool TestDashboard::controlsFit() const
{
    const QRectF window(QPointF(), m_window->size());
    QList<QRectF> places;
    for (const QString &name : controls) {
        const QQuickItem *const one = item(name);
        const QRectF place = one->mapRectToScene(one->boundingRect());
        const bool overlaps = std::any_of(places.cbegin(), places.cend(),
                                          [&place](const QRectF &other) {
                                              return other.intersects(place);
                                          });
        if (overlaps || !window.contains(place))
            return false;
        places += place;
    }
    const auto fits = [this](const QString &panel) {
        const auto place = [this, &panel](const QString &name) {
            const QQuickItem *const one = itemBelow(item(panel), name);
            return one->mapRectToScene(one->boundingRect());
        };
        return place(u"controls"_s).isEmpty()
               || place(u"heading"_s).bottom() < place(u"controls"_s).top();
    };
    return fits(u"drift"_s) && fits(u"ticks"_s) && fits(u"limiter"_s);
}

void TestDashboard::resizes_data()
{
    QTest::addColumn<QSize>("size");
    QTest::newRow("smallest") << QSize(m_window->minimumWidth(), m_window->minimumHeight());
    QTest::newRow("larger") << QSize(1400, 960);
    QTest::newRow("as it was") << QSize(1280, 800);
}

void TestDashboard::resizes()
{
    QFETCH(const QSize, size);
    m_window->resize(size);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->size(), size, 10000);
    QTRY_VERIFY_WITH_TIMEOUT(controlsFit(), 10000);
}

void TestDashboard::followsTheSystemsTheme()
{
    const QPalette before = QGuiApplication::palette();
    const auto isDark = [this] { return m_window->color().lightnessF() < 0.5; };
    click(u"themeSystem"_s);
    for (const QColor color : { QColor(Qt::black), QColor(Qt::white) }) {
        QPalette palette = before;
        palette.setColor(QPalette::Window, color);
        QGuiApplication::setPalette(palette);
        QTRY_COMPARE_WITH_TIMEOUT(isDark(), color == Qt::black, 10000);
    }
    QGuiApplication::setPalette(before);
}

void TestDashboard::screenshots_data()
{
    QTest::addColumn<QString>("theme");
    QTest::newRow("light") << u"Light"_s;
    QTest::newRow("dark") << u"Dark"_s;
}

// With TACTUS_SCREENSHOTS, they are kept in that folder, and the dashboard gets time to have
// something to show.
void TestDashboard::screenshots()
{
    QFETCH(const QString, theme);
    const QString folder = qEnvironmentVariable("TACTUS_SCREENSHOTS");

    click(u"theme"_s + theme);
    QCOMPARE(m_window->color().lightnessF() > 0.5, theme == u"Light"_s);
    if (!folder.isEmpty()) {
        click(u"restart"_s);
        write(u"requests.server.shortest"_s, 80);
        write(u"requests.server.longest"_s, 380);
        write(u"requests.hasTraffic"_s, true);
        write(u"timers.load"_s, 400);
        click(u"send"_s);
        QTest::mouseMove(m_window, QPoint(1, 1)); // nothing is to look as if touched
        QTest::qWait(13000);
    }

    const QImage picture = m_window->grabWindow();
    QCOMPARE(picture.size(), m_window->size() * m_window->devicePixelRatio());
    const QString name = u"dashboard-%1.png"_s.arg(theme.toLower());
    QVERIFY(picture.save(QDir(folder).filePath(name)));
}

QTEST_MAIN(TestDashboard)

#include "tst_dashboard.moc"
