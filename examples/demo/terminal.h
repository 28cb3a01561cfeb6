// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#pragma once

#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <chrono>

// Standard output, and what it can show: whether lines can be redrawn, colours, and characters that
// are not ASCII. Lines are kept within 80 columns by those who write them.
class Terminal
{
public:
    enum class Style { Bold, Dim, Good, Bad, Accent };

    // To be made before the QCoreApplication, which changes the locale that is looked at.
    Terminal();

    // Whether lines can be redrawn in place.
    bool isInteractive() const { return m_interactive; }

    QString styled(const QString &text, Style style) const;

    // The character, or where the locale has no UTF-8, the substitute.
    QString symbol(char16_t character, char substitute) const;

    // A horizontal bar, at most so many cells wide; in UTF-8 exact to an eighth of a cell.
    QString bar(double cells, int maximum) const;

    void line(const QString &text = {});

    // A part of the demo begins.
    void heading(const QString &text);

    // Shows these lines below everything else, in place of what the last redraw() showed there.
    // Does nothing if the terminal is not interactive.
    void redraw(const QStringList &lines);

private:
    void erase();
    void write(const QString &text);

    bool m_interactive = false;
    bool m_colored = false;
    bool m_utf8 = false;
    qsizetype m_redrawn = 0;
};

// "1.25", "+0.30": milliseconds, in the same format in every locale.
QString milliseconds(std::chrono::nanoseconds duration, int decimals);
QString signedMilliseconds(std::chrono::nanoseconds duration, int decimals);
