// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Whatever values QML gives to the properties of both types: they hold a good value afterwards, the one
// before or the new one, and timer and limiter work on. An input is a sequence of assignments: the number
// of a property, a kind of value, and the value.

#include "target.h"

#include <QtCore/qcoreapplication.h>
#include <QtQml/qjsengine.h>
#include <QtQml/qqmlcomponent.h>
#include <QtQml/qqmlengine.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

using namespace Qt::StringLiterals;

namespace {

struct Property
{
    const char *object;
    const char *name;
    double least; // of what it may hold
    bool mayBeLeast;
};

constexpr Property properties[] = {
    { "timer", "interval", 0, false },        { "timer", "policy", 0, true },
    { "timer", "errorPolicy", 0, true },      { "timer", "maximumTicks", 0, true },
    { "timer", "callbackTimeout", 0, true },  { "timer", "tolerance", 0, true },
    { "timer", "triggeredOnStart", 0, true }, { "limiter", "rate", 1, true },
    { "limiter", "per", 0, false },           { "limiter", "limits", 1, true },
    { "limiter", "margin", 0, true },         { "limiter", "maximumPending", 0, true },
    { "limiter", "overflow", 0, true },       { "limiter", "taskTimeout", 0, true },
};

QQmlEngine *engine = nullptr;
QObject *root = nullptr;

QJSValue number(Bytes &bytes)
{
    const auto bits = bytes.take<std::uint64_t>();
    double value = 0;
    static_assert(sizeof(value) == sizeof(bits));
    std::memcpy(&value, &bits, sizeof(value));
    return value;
}

QJSValue value(Bytes &bytes, int depth = 0)
{
    switch (bytes.number(depth < 3 ? 8 : 5)) {
    case 0:
        return number(bytes);
    case 1: {
        QByteArray text;
        for (std::int64_t left = bytes.number(32); left > 0; --left)
            text.append(bytes.take<char>());
        return QString::fromUtf8(text);
    }
    case 2:
        return QJSValue::UndefinedValue;
    case 3:
        return QJSValue::NullValue;
    case 4:
        return bytes.number(2) == 1;
    case 5: {
        const auto length = static_cast<quint32>(bytes.number(5));
        QJSValue array = engine->newArray(length);
        for (quint32 i = 0; i < length; ++i)
            array.setProperty(i, value(bytes, depth + 1));
        return array;
    }
    case 6: { // windows
        const auto length = static_cast<quint32>(bytes.number(5));
        QJSValue array = engine->newArray(length);
        for (quint32 i = 0; i < length; ++i) {
            QJSValue window = engine->newObject();
            window.setProperty(u"rate"_s, value(bytes, depth + 1));
            window.setProperty(u"per"_s, value(bytes, depth + 1));
            array.setProperty(i, window);
        }
        return array;
    }
    default: {
        QJSValue object = engine->newObject();
        object.setProperty(u"rate"_s, value(bytes, depth + 1));
        return object;
    }
    }
}

void require(bool condition, const Property &property, const QString &found)
{
    if (!condition)
        qFatal("%s.%s is %s", property.object, property.name, qUtf8Printable(found));
}

void requireGood(const Property &property, const QJSValue &world, const QJSValue &object)
{
    const QJSValue found = object.property(QLatin1StringView(property.name));
    if (qstrcmp(property.name, "limits") == 0) {
        const QJSValue good = world.property(u"areGood"_s).call({ found });
        require(good.isBool() && good.toBool(), property, found.toString());
        return;
    }
    const double value = found.toNumber();
    require(std::isfinite(value)
                    && (property.mayBeLeast ? value >= property.least : value > property.least),
            property, found.toString());
}

} // namespace

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    qputenv("QV4_FORCE_INTERPRETER", "1");
    static const QCoreApplication application(*argc, *argv);
    // Warnings are what bad values get.
    qInstallMessageHandler([](QtMsgType type, const QMessageLogContext &, const QString &text) {
        if (type == QtFatalMsg)
            std::fprintf(stderr, "%s\n", qUtf8Printable(text));
    });
    engine = new QQmlEngine;
    engine->setOutputWarningsToStandardError(false);
    engine->addImportPath(QStringLiteral(QML_IMPORT_PATH));
    QQmlComponent component(engine);
    component.setData(R"(
        import QtQml
        import Tactus

        QtObject {
            id: root
            readonly property ManualClock clock: ManualClock {}
            property int ticks: 0
            property ScheduledTimer timer
            property SerialRateLimiter limiter
            readonly property Component timers: ScheduledTimer { clock: root.clock; onTick: ++root.ticks }
            readonly property Component limiters: SerialRateLimiter { clock: root.clock }

            function renew() {
                if (timer)
                    timer.destroy();
                if (limiter)
                    limiter.destroy();
                timer = timers.createObject(root);
                limiter = limiters.createObject(root);
            }
            function assign(object, name, value) {
                try {
                    object[name] = value;
                } catch (error) {
                }
            }
            function areGood(limits) {
                return limits.length > 0 && limits.every(limit => limit.rate >= 1 && limit.per > 0);
            }
            function work() {
                timer.start();
                limiter.push(() => 1);
                limiter.push(() => { throw 1; });
                clock.advance(Math.min(timer.interval, 1000));
                timer.stop();
                limiter.clear();
            }
        })",
                      QUrl());
    root = component.create();
    if (!root)
        qFatal("%s", qUtf8Printable(component.errorString()));
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    QJSValue world = engine->newQObject(root);
    QJSEngine::setObjectOwnership(root, QJSEngine::CppOwnership);
    const auto call = [&world](const QString &function, const QJSValueList &arguments = {}) {
        const QJSValue result = world.property(function).callWithInstance(world, arguments);
        if (result.isError())
            qFatal("%s: %s", qUtf8Printable(function), qUtf8Printable(result.toString()));
    };
    call(u"renew"_s);
    Bytes bytes(data, size);
    for (int assignments = 0; !bytes.isEmpty() && assignments < 64; ++assignments) {
        const Property &property = properties[bytes.number(std::ssize(properties))];
        const QJSValue object = world.property(QLatin1StringView(property.object));
        call(u"assign"_s, { object, QString::fromLatin1(property.name), value(bytes) });
        requireGood(property, world, object);
    }
    call(u"work"_s);
    QCoreApplication::processEvents();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    return 0;
}
