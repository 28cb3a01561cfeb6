#include <QtTest/qtest.h>
class tst_QmlEngine : public QObject { Q_OBJECT };
QTEST_MAIN(tst_QmlEngine)
#include "tst_qmlengine.moc"
