// SPDX-FileCopyrightText: 2026 The Tactus Authors
// SPDX-License-Identifier: MIT

// Tells ThreadSanitizer how Qt synchronizes threads; part of every program of a tsan build.
//
// The Qt of a distribution is not instrumented, so ThreadSanitizer does not see its mutexes and
// atomics: it takes data that travels with a posted event, a queued signal or a future for a data
// race. Switching such reports off by suppressions would also switch off those about our own code,
// for all of it runs inside some event handler. Instead the functions of Qt that publish something
// to another thread are interposed here (the program comes before libQt6Core when symbols are
// looked up), say release or acquire, and then do what they always did.
//
// What happens inside Qt cannot be interposed. Hence two hooks of Qt's: the signal spy, which sees
// signals emitted by Qt itself, and the event notification, which sees what is delivered.
//
// Known limits: what a slot connected by Qt::BlockingQueuedConnection writes is not seen as
// synchronized with the emitter (with QMetaObject::invokeMethod() it is), QReadWriteLock is
// unknown. In tests between threads prefer queued calls, futures, semaphores, and std::mutex.

#include <QtCore/private/qobject_p.h>
#include <QtCore/private/qthread_p.h>
#include <QtCore/qcoreapplication.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qfutureinterface.h>
#include <QtCore/qrunnable.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtCore/qthreadpool.h>

#include <dlfcn.h>
#include <link.h>
#include <sanitizer/tsan_interface.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <utility>

// Exported by ThreadSanitizer, declared in none of its headers.
extern "C" void __tsan_func_entry(void *caller);
extern "C" void __tsan_func_exit();
extern "C" void AnnotateIgnoreWritesBegin(const char *file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char *file, int line);

namespace {

// An edge is known by an address; the address is never read.
void acquire(const void *edge)
{
    __tsan_acquire(const_cast<void *>(edge));
}

void release(const void *edge)
{
    __tsan_release(const_cast<void *>(edge));
}

// Futures call their watchers from inside Qt, in a way that does not tell which future it was.
char futureCallOuts;

// Posting locks the event list of the receiver's thread, delivering locks it too.
void releaseToThreadOf(const QObject *receiver)
{
    if (const QThread *thread = receiver ? receiver->thread() : nullptr)
        release(thread);
    if (receiver)
        release(receiver);
}

bool eventDelivered(void **data)
{
    const auto *receiver = static_cast<const QObject *>(data[0]);
    const auto *event = static_cast<const QEvent *>(data[1]);

    if (const QThread *thread = receiver->thread())
        acquire(thread);
    acquire(receiver); // also posted in another thread, which it has left since
    if (event->type() == QEvent::MetaCall)
        acquire(static_cast<const QAbstractMetaCallEvent *>(event)->sender());
    else if (event->type() == QEvent::FutureCallOut)
        acquire(&futureCallOuts);
    return false; // and now Qt delivers it
}

void signalEmitted(QObject *sender, int, void **)
{
    acquire(sender); // connections that other threads have made
    release(sender);
}

QSignalSpyCallbackSet signalSpy = { signalEmitted, nullptr, nullptr, nullptr };

const bool hooked = [] {
    qt_register_signal_spy_callbacks(&signalSpy);
    return QInternal::registerCallback(QInternal::EventNotifyCallback, eventDelivered);
}();

// The function of Qt that a function here has taken the place of. In the C++ ABI of Unix a member
// function is a function with the object as its first argument.
template <typename Result, typename... Arguments>
Result original(const char *symbol, Arguments... arguments)
{
    using Function = Result (*)(Arguments...);
    const auto function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, symbol));
    if (!function)
        qFatal("this Qt has no %s", symbol);
    return function(std::forward<Arguments>(arguments)...);
}

// The callable of a queued call. The last reference to it may be dropped in either thread, and a
// blocking caller reads what it wrote.
class QueuedCall : public QtPrivate::QSlotObjectBase
{
public:
    QueuedCall(QtPrivate::QSlotObjectBase *slot, const void *edge)
        : QSlotObjectBase(&impl)
        , m_slot(slot)
        , m_edge(edge)
    {
    }

private:
    static void impl(int which, QSlotObjectBase *base, QObject *receiver, void **arguments, bool *)
    {
        auto *self = static_cast<QueuedCall *>(base);
        if (which == Call) {
            self->m_slot->call(receiver, arguments);
            release(self);
            release(self->m_edge);
        } else if (which == Destroy) {
            acquire(self);
            self->m_slot->destroyIfLastRef();
            delete self;
        }
    }

    QtPrivate::QSlotObjectBase *const m_slot;
    const void *const m_edge; // lives as long as a blocking caller waits
};

// Where the code of libQt6Core is.
struct Range
{
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
};

Range codeOfQt()
{
    Range range;
    dl_iterate_phdr(
            [](dl_phdr_info *info, size_t, void *data) {
                if (!std::strstr(info->dlpi_name, "libQt6Core"))
                    return 0;
                for (int i = 0; i < info->dlpi_phnum; ++i) {
                    const auto &header = info->dlpi_phdr[i];
                    if (header.p_type == PT_LOAD && (header.p_flags & PF_X)) {
                        const auto begin = info->dlpi_addr + header.p_vaddr;
                        *static_cast<Range *>(data) = { begin, begin + header.p_memsz };
                    }
                }
                return 1;
            },
            &range);
    return range;
}

// Qt's lists of posted events are guarded by a lock that is not seen. Nothing of ours runs while an
// event is posted.
class Posting
{
public:
    Posting() { AnnotateIgnoreWritesBegin(__FILE__, __LINE__); }
    ~Posting() { AnnotateIgnoreWritesEnd(__FILE__, __LINE__); }

private:
    Q_DISABLE_COPY_MOVE(Posting)
};

// Allocating and freeing count as writing. Where Qt does it, the other accesses are Qt's and
// unseen, or happen in the thread to which an event has carried the memory: not counted then.
class MemoryCall
{
public:
    explicit MemoryCall(void *caller)
    {
        __tsan_func_entry(caller); // for the stack in a report: this file is not instrumented
        static const Range qt = codeOfQt();
        const auto address = reinterpret_cast<std::uintptr_t>(caller);
        m_ofQt = address >= qt.begin && address < qt.end;
        if (m_ofQt)
            AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    ~MemoryCall()
    {
        if (m_ofQt)
            AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
        __tsan_func_exit();
    }

private:
    bool m_ofQt;
};

} // namespace

// Memory

void *operator new(std::size_t size)
{
    const MemoryCall call(__builtin_return_address(0));
    if (void *memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    const MemoryCall call(__builtin_return_address(0));
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    const MemoryCall call(__builtin_return_address(0));
    std::free(memory);
}

// Events and queued calls

void QCoreApplication::postEvent(QObject *receiver, QEvent *event, int priority)
{
    releaseToThreadOf(receiver);
    const Posting posting;
    original<void>("_ZN16QCoreApplication9postEventEP7QObjectP6QEventi", receiver, event, priority);
}

bool QMetaObject::invokeMethodImpl(QObject *object, QtPrivate::QSlotObjectBase *slot,
                                   Qt::ConnectionType type, void *result)
{
    const char *const symbol =
            "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv";
    const char edge = 0;
    auto *call = new QueuedCall(slot, &edge);
    releaseToThreadOf(object);
    std::optional<Posting> posting;
    if (type == Qt::QueuedConnection)
        posting.emplace();
    const bool invoked = original<bool>(
            symbol, object, static_cast<QtPrivate::QSlotObjectBase *>(call), type, result);
    posting.reset();
    acquire(&edge);
    return invoked;
}

QMetaObject::Connection QObject::connectImpl(const QObject *sender, void **signal,
                                             const QObject *receiver, void **slot,
                                             QtPrivate::QSlotObjectBase *slotObject,
                                             Qt::ConnectionType type, const int *types,
                                             const QMetaObject *metaObject)
{
    release(sender);
    return original<QMetaObject::Connection>(
            "_ZN7QObject11connectImplEPKS_PPvS1_S3_PN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPKiPK11QMetaObject",
            sender, signal, receiver, slot, slotObject, type, types, metaObject);
}

void QObject::moveToThread(QThread *thread)
{
    release(thread);
    original<void>("_ZN7QObject12moveToThreadEP7QThread", this, thread);
}

// Threads

bool QThread::wait(QDeadlineTimer deadline)
{
    const bool finished = original<bool>("_ZN7QThread4waitE14QDeadlineTimer", this,
                                         std::move(deadline));
    if (finished) {
        // A thread that ends locks the mutex of this condition last, and that one is a visible
        // pthread mutex; a wait that comes too late to wait does not touch it. So lock it here.
        static_cast<QThreadPrivate *>(QObjectPrivate::get(this))->thread_done.wakeAll();
    }
    return finished;
}

void QThreadPool::start(QRunnable *runnable, int priority)
{
    release(runnable);
    auto *wrapper = QRunnable::create([runnable] {
        acquire(runnable);
        const bool owned = runnable->autoDelete();
        runnable->run();
        if (owned)
            delete runnable;
    });
    original<void>("_ZN11QThreadPool5startEP9QRunnablei", this, wrapper, priority);
}

// Locks. QMutex is not among them: Qt's own headers tell ThreadSanitizer about it.

void QSemaphore::acquire(int n)
{
    original<void>("_ZN10QSemaphore7acquireEi", this, n);
    ::acquire(this);
}

bool QSemaphore::tryAcquire(int n)
{
    const bool acquired = original<bool>("_ZN10QSemaphore10tryAcquireEi", this, n);
    if (acquired)
        ::acquire(this);
    return acquired;
}

bool QSemaphore::tryAcquire(int n, int timeout)
{
    const bool acquired = original<bool>("_ZN10QSemaphore10tryAcquireEii", this, n, timeout);
    if (acquired)
        ::acquire(this);
    return acquired;
}

void QSemaphore::release(int n)
{
    ::release(this);
    original<void>("_ZN10QSemaphore7releaseEi", this, n);
}

// Futures: what is known of the state is known through the mutex of the state.

void QFutureInterfaceBase::reportFinished()
{
    acquire(&mutex()); // continuations run here
    release(&mutex());
    release(&futureCallOuts);
    original<void>("_ZN20QFutureInterfaceBase14reportFinishedEv", this);
}

void QFutureInterfaceBase::runContinuation() const
{
    acquire(&mutex());
    original<void>("_ZNK20QFutureInterfaceBase15runContinuationEv", this);
}

void QFutureInterfaceBase::reportResultsReady(int begin, int end)
{
    release(&mutex());
    release(&futureCallOuts);
    original<void>("_ZN20QFutureInterfaceBase18reportResultsReadyEii", this, begin, end);
}

void QFutureInterfaceBase::setContinuation(std::function<void(const QFutureInterfaceBase &)> function)
{
    release(&mutex());
    acquire(&mutex()); // a finished future runs it at once
    original<void, QFutureInterfaceBase *, std::function<void(const QFutureInterfaceBase &)>>(
            "_ZN20QFutureInterfaceBase15setContinuationESt8functionIFvRKS_EE", this,
            std::move(function));
}

void QFutureInterfaceBase::setContinuation(std::function<void(const QFutureInterfaceBase &)> function,
                                           QFutureInterfaceBasePrivate *data)
{
    release(&mutex());
    acquire(&mutex());
    original<void, QFutureInterfaceBase *, std::function<void(const QFutureInterfaceBase &)>>(
            "_ZN20QFutureInterfaceBase15setContinuationESt8functionIFvRKS_EEP27QFutureInterfaceBasePrivate",
            this, std::move(function), data);
}

bool QFutureInterfaceBase::queryState(State state) const
{
    const bool result = original<bool>("_ZNK20QFutureInterfaceBase10queryStateENS_5StateE", this,
                                       state);
    acquire(&mutex());
    return result;
}

bool QFutureInterfaceBase::isFinished() const
{
    return queryState(Finished);
}

bool QFutureInterfaceBase::isCanceled() const
{
    return queryState(Canceled);
}

void QFutureInterfaceBase::waitForFinished()
{
    original<void>("_ZN20QFutureInterfaceBase15waitForFinishedEv", this);
    acquire(&mutex());
}

void QFutureInterfaceBase::waitForResult(int index)
{
    original<void>("_ZN20QFutureInterfaceBase13waitForResultEi", this, index);
    acquire(&mutex());
}
