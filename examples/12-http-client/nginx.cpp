// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

#include "nginx.h"

#include <QtCore/qfile.h>
#include <QtNetwork/qhostaddress.h>
#include <QtNetwork/qtcpserver.h>

#ifdef Q_OS_LINUX
#  include <csignal>
#  include <sys/prctl.h>
#endif

using namespace Qt::StringLiterals;

namespace {

constexpr auto configuration = R"(
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 64; }
http {
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    log_format status $status;
    access_log access.log status;

    # A leaky bucket for all requests together: it holds 20, and 40 a second leak out.
    limit_req_zone $server_name zone=service:32k rate=40r/s;
    limit_req_status 429;
    limit_req_log_level info;
    server {
        server_name service;
        listen 127.0.0.1:%1;
        root .;
        location / {
            limit_req zone=service burst=19 nodelay;
            error_page 429 @refuse;
            try_files /answer =404;
        }
        location @refuse {
            add_header Retry-After 1 always;
            return 429;
        }
    }
}
)";

void write(const QString &path, const QByteArray &text)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("%s cannot be written", qPrintable(path));
}

quint16 freePort()
{
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return server.serverPort();
}

} // namespace

Nginx::Nginx()
{
    m_process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
#ifdef Q_OS_LINUX
    // It ends with this process, however that ends.
    m_process.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGKILL); });
#endif
}

Nginx::~Nginx()
{
    stop();
}

// Another program may take the port before nginx does: then there is another one.
bool Nginx::start()
{
    for (int attempt = 0; attempt < 5; ++attempt) {
        if (startOn(freePort()))
            return true;
    }
    return false;
}

bool Nginx::startOn(quint16 port)
{
    m_port = port;
    const QString pid = m_folder.filePath(u"nginx.pid"_s);
    QFile::remove(pid);
    write(m_folder.filePath(u"nginx.conf"_s),
          QString::fromLatin1(configuration).arg(port).toLatin1());
    write(m_folder.filePath(u"answer"_s), "an answer");
    m_process.start(QStringLiteral(NGINX),
                    { u"-p"_s, m_folder.path(), u"-c"_s, u"nginx.conf"_s, u"-e"_s, u"stderr"_s });
    if (!m_process.waitForStarted())
        return false;
    while (m_process.state() == QProcess::Running) {
        if (QFile::exists(pid)) // written when it listens
            return true;
        m_process.waitForFinished(10);
    }
    return false;
}

void Nginx::stop()
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(5000)) {
        m_process.kill();
        m_process.waitForFinished();
    }
}

QUrl Nginx::url(int number) const
{
    return QUrl(u"http://127.0.0.1:%1/items/%2"_s.arg(m_port).arg(number));
}

qsizetype Nginx::answers(int status) const
{
    QFile log(m_folder.filePath(u"access.log"_s));
    if (!log.open(QIODevice::ReadOnly))
        return 0;
    return log.readAll().split('\n').count(QByteArray::number(status));
}
