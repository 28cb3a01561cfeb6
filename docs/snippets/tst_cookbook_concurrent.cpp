// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// The recipe of the cookbook that needs QtConcurrent. Its threads run in real time.

#include <Tactus/Tactus>

#include <QtConcurrent/qtconcurrentrun.h>
#include <QtCore/qlist.h>
#include <QtTest/qtest.h>

using namespace std::chrono_literals;

class tst_CookbookConcurrent : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void work();

private:
    static int render(int page) { return page * page; }
    void show(int picture) { m_shown.append(picture); }
    QList<int> m_shown;
};

void tst_CookbookConcurrent::work()
{
    //! [concurrent]
    Tactus::SerialRateLimiter renderer(1000, 1s); // one page at a time, in order
    for (int page = 1; page <= 3; ++page) {
        renderer.push([page] { return QtConcurrent::run(&render, page); })
                .then(this, [this](int picture) { show(picture); }); // in this thread again
    }
    //! [concurrent]
    QTRY_COMPARE_WITH_TIMEOUT(m_shown, QList<int>({ 1, 4, 9 }), 10000);
}

QTEST_GUILESS_MAIN(tst_CookbookConcurrent)

#include "tst_cookbook_concurrent.moc"
