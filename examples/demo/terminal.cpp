// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "terminal.h"

#include <QtCore/qbytearray.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstring>

#ifdef Q_OS_UNIX
#  include <langinfo.h>
#  include <unistd.h>
#endif

using namespace Qt::StringLiterals;

namespace {

struct Abilities
{
    bool interactive = false;
    bool utf8 = false;
};

Abilities abilities()
{
#ifdef Q_OS_UNIX
    const QByteArray kind = qgetenv("TERM");
    const QByteArray before = std::setlocale(LC_CTYPE, nullptr);
    std::setlocale(LC_CTYPE, "");
    const bool utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    std::setlocale(LC_CTYPE, before.constData());
    return { isatty(STDOUT_FILENO) != 0 && !kind.isEmpty() && kind != "dumb", utf8 };
#else
    return {};
#endif
}

QLatin1StringView sequence(Terminal::Style style)
{
    switch (style) {
    case Terminal::Style::Bold:
        return "\033[1m"_L1;
    case Terminal::Style::Dim:
        return "\033[2m"_L1;
    case Terminal::Style::Good:
        return "\033[32m"_L1;
    case Terminal::Style::Bad:
        return "\033[31m"_L1;
    case Terminal::Style::Accent:
        return "\033[36m"_L1;
    }
    return {};
}

QString withoutTrailingSpaces(QString text)
{
    while (text.endsWith(u' '))
        text.chop(1);
    return text;
}

} // namespace

Terminal::Terminal()
{
    const Abilities can = abilities();
    m_interactive = can.interactive;
    m_colored = can.interactive && qEnvironmentVariableIsEmpty("NO_COLOR");
    m_utf8 = can.utf8;
}

QString Terminal::styled(const QString &text, Style style) const
{
    return m_colored ? sequence(style) + text + "\033[0m"_L1 : text;
}

QString Terminal::symbol(char16_t character, char substitute) const
{
    return m_utf8 ? QString(QChar(character)) : QString(QLatin1Char(substitute));
}

QString Terminal::bar(double cells, int maximum) const
{
    const double filled = std::clamp(cells, 0.0, static_cast<double>(maximum));
    if (!m_utf8)
        return { std::lround(filled), u'=' };

    // U+2588 is a full block, and the seven after it are ever narrower, by an eighth each.
    constexpr char16_t FullBlock = u'\u2588';
    const auto eighths = static_cast<int>(std::lround(filled * 8));
    QString result(eighths / 8, QChar(FullBlock));
    if (const int rest = eighths % 8)
        result += QChar(static_cast<char16_t>(FullBlock + 8 - rest));
    return result;
}

void Terminal::line(const QString &text)
{
    erase();
    write(withoutTrailingSpaces(text) + u'\n');
}

void Terminal::heading(const QString &text)
{
    line();
    line(styled(text, Style::Bold));
    line(styled(QString(text.size(), QChar(symbol(u'\u2500', '-').front())), Style::Dim));
}

void Terminal::redraw(const QStringList &lines)
{
    if (!m_interactive)
        return;
    erase();
    for (const QString &text : lines)
        write(text + u'\n');
    m_redrawn = lines.size();
}

// Up to where the redrawn lines begin, and everything from there on cleared.
void Terminal::erase()
{
    if (m_redrawn > 0)
        write(u"\033[%1A\r\033[J"_s.arg(m_redrawn));
    m_redrawn = 0;
}

void Terminal::write(const QString &text)
{
    std::fputs(text.toUtf8().constData(), stdout);
    std::fflush(stdout);
}

QString milliseconds(std::chrono::nanoseconds duration, int decimals)
{
    const std::chrono::duration<double, std::milli> value = duration;
    return QString::number(value.count(), 'f', decimals);
}

QString signedMilliseconds(std::chrono::nanoseconds duration, int decimals)
{
    const QString text = milliseconds(duration, decimals);
    return text.startsWith(u'-') ? text : u'+' + text;
}
