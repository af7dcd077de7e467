// The process, and what it calls. What it is asked is in process_worker_calls.cpp.
#include "bridging/io/process_worker.h"

#include <sys/wait.h>

#include <csignal>

namespace bud::bridging {
namespace {

constexpr std::size_t max_copies = 1000;
constexpr std::size_t max_copy = 1024 * 1024;
constexpr std::size_t max_delivery = 16 * 1024 * 1024;
constexpr std::size_t max_text = 1024;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= 64 &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

std::string how_it_ended(int code, int status) {
  if (code == CLD_EXITED) return "The worker ended with status " + std::to_string(status);
  return "The worker was ended by signal " + std::to_string(status);
}

}  // namespace

const sd_bus_vtable ProcessWorker::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Ready", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus::method<&ProcessWorker::on_ready>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Deliver", SD_BUS_ARGS("aay", copies, "ay", cursor), SD_BUS_NO_RESULT,
                            bus::method<&ProcessWorker::on_deliver>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("StoreState", SD_BUS_ARGS("s", key, "ay", value), SD_BUS_NO_RESULT,
                            bus::method<&ProcessWorker::on_store_state>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Changed", SD_BUS_ARGS("s", address), SD_BUS_NO_RESULT,
                            bus::method<&ProcessWorker::on_changed>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Report", SD_BUS_ARGS("u", status, "s", words), SD_BUS_NO_RESULT,
                            bus::method<&ProcessWorker::on_report>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Log", SD_BUS_ARGS("u", level, "s", text), SD_BUS_NO_RESULT,
                            bus::method<&ProcessWorker::on_log>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

ProcessWorker::ProcessWorker(bus::Event& event, Listener& listener, Child child)
    : event_(event), listener_(listener), pid_(child.pid), socket_(std::move(child.socket)) {}

Result<std::unique_ptr<Worker>> ProcessWorker::start(bus::Event& event, Listener& listener, const std::string& program,
                                                     const std::vector<std::string>& arguments) {
  BUD_TRY(Child child, spawn(program, arguments));
  std::unique_ptr<ProcessWorker> worker(new ProcessWorker(event, listener, std::move(child)));
  BUD_CHECK(worker->serve());
  return worker;
}

Result<> ProcessWorker::serve() {
  BUD_TRY(child_, event_.on_child(pid_, [this](int code, int status) { ended(code, status); }));
  BUD_TRY(bus_, bus::Bus::serve(std::move(socket_)));
  BUD_CHECK(bus_->attach(event_));
  BUD_TRY(object_, bus_->add_object("/org/budstikke/BridgeHost1", "org.budstikke.BridgeHost1", vtable, *this));
  BUD_TRY(disconnected_, bus_->on_disconnected([this] {
    connected_ = false;
    if (pid_ != 0) kill("The worker closed its connection");
    gone_if_both();
  }));
  return {};
}

ProcessWorker::~ProcessWorker() {
  child_.reset();
  calls_.clear();
  object_.reset();
  disconnected_.reset();
  bus_.reset();
  if (pid_ == 0 || reap(pid_, 500)) return;
  ::kill(pid_, SIGKILL);
  reap(pid_, 500);  // a process that hangs in the kernel is left behind
}

void ProcessWorker::kill(const std::string& why) {
  if (pid_ == 0) return;
  if (why_.empty()) why_ = why;
  ::kill(pid_, SIGKILL);
}

void ProcessWorker::ended(int code, int status) {
  pid_ = 0;
  if (why_.empty()) why_ = how_it_ended(code, status);
  // What it has said before its end is heard first; but a process of its own may hold the socket open.
  auto patience = event_.after(seconds(1), [this] {
    connected_ = false;
    gone_if_both();
  });
  if (patience) give_up_ = std::move(*patience);
  gone_if_both();
}

void ProcessWorker::gone_if_both() {
  if (pid_ != 0 || connected_) return;
  calls_.clear();
  listener_.worker_gone(why_);  // drops this, it may be
}

Result<> ProcessWorker::on_ready(bus::Call&, bus::Writer&) {
  if (ready_) return fail(Errc::not_allowed, "The worker has been ready before");
  ready_ = true;
  listener_.worker_ready();
  return {};
}

Result<> ProcessWorker::on_deliver(bus::Call& call, bus::Writer&) {
  std::vector<Bytes> copies;
  std::size_t total = 0;
  BUD_CHECK(call.args.array("ay", max_copies, [&]() -> Result<> {
    BUD_TRY(const ByteView copy, call.args.byte_view(max_copy));
    total += copy.size();
    if (total > max_delivery) return fail(Errc::too_large, "A delivery of over 16 MiB");
    copies.emplace_back(copy.begin(), copy.end());
    return {};
  }));
  BUD_TRY(Bytes cursor, call.args.bytes(4096));
  if (cursor.empty()) return fail(Errc::malformed, "A delivery without a cursor");
  return listener_.worker_delivers(std::move(copies), std::move(cursor));
}

Result<> ProcessWorker::on_store_state(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::string key, call.args.string(64));
  BUD_TRY(const ByteView value, call.args.byte_view(64 * 1024));
  if (!is_key(key)) return fail(Errc::malformed, "A key is 1 to 64 characters a-z, 0-9, point, dash and underscore");
  return listener_.worker_stores(key, value);
}

Result<> ProcessWorker::on_changed(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::string address, call.args.string(255));
  listener_.worker_saw_change(address);
  return {};
}

Result<> ProcessWorker::on_report(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::uint32_t status, call.args.u32());
  BUD_TRY(const std::string words, call.args.string(max_text));
  listener_.worker_reports(status, words);
  return {};
}

Result<> ProcessWorker::on_log(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::uint32_t level, call.args.u32());
  BUD_TRY(const std::string text, call.args.string(max_text));
  listener_.worker_logs(std::clamp<std::uint32_t>(level, BUD_LOG_ERROR, BUD_LOG_DEBUG), text);
  return {};
}

}  // namespace bud::bridging
