#include "service/background.h"

#include "bus/error.h"
#include "crypto/secret.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <csignal>

namespace bud::service {

Background::~Background() {
  if (thread_.joinable()) thread_.join();
}

Result<> Background::run(std::function<void()> job, std::function<void()> done) {
  if (busy()) return fail(Errc::busy, "another call is at it");
  wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_) return tl::unexpected(bus::error_from_errno(-errno, "start a job"));
  BUD_TRY(source_, event_.io(wake_.get(), EPOLLIN, [this](std::uint32_t) { finished(); }));
  done_ = std::move(done);
  // Signals are the loop's: the thread starts with all of them blocked.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([fd = wake_.get(), job = std::move(job)] {
    job();
    crypto::wipe_stack();  // the C library keeps the stack of a thread that has ended, for the next one
    ::eventfd_write(fd, 1);
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {};
}

void Background::finished() {
  thread_.join();
  source_.reset();
  wake_.reset();
  std::exchange(done_, nullptr)();
}

}  // namespace bud::service
