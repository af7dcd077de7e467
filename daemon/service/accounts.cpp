#include "service/accounts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace bud::service {
namespace {

constexpr std::size_t max_name = 128, max_address = 512, max_code = 16;
constexpr auto sensitive = SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE;

// A secret for one reader: in memory only, and as it is for good.
Result<UniqueFd> sealed_memfd(ByteView secret) {
  UniqueFd fd(::memfd_create("recovery-words", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const bool done = fd && ::write(fd.get(), secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
                    ::lseek(fd.get(), 0, SEEK_SET) == 0 &&
                    ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
  if (!done) return tl::unexpected(bus::error_from_errno(-errno, "hand over a secret"));
  return fd;
}

}  // namespace

const sd_bus_vtable Accounts::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Create", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", account),
                            bus::method<&Accounts::create>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("RecoveryWords", SD_BUS_ARGS("o", account), SD_BUS_RESULT("h", words),
                            bus::method<&Accounts::recovery_words>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("RecoveryWordsKept", SD_BUS_ARGS("o", account), SD_BUS_NO_RESULT,
                            bus::method<&Accounts::recovery_words_kept>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Join", SD_BUS_ARGS("s", address, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Accounts::join>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("JoinStatus", SD_BUS_NO_ARGS, SD_BUS_RESULT("a{sv}", status),
                            bus::method<&Accounts::join_status>, sensitive),
    SD_BUS_SIGNAL_WITH_ARGS("JoinChanged", SD_BUS_NO_ARGS, 0),
    SD_BUS_METHOD_WITH_ARGS("ConfirmJoin", SD_BUS_ARGS("s", code), SD_BUS_NO_RESULT,
                            bus::method<&Accounts::confirm_join>, sensitive),
    SD_BUS_METHOD_WITH_ARGS("CancelJoin", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus::method<&Accounts::cancel_join>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Accounts::serve() {
  BUD_TRY(object_, context_.control.add_object(paths::control, interface, vtable, *this));
  return {};
}

Result<> Accounts::create(bus::Call& call, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const bus::Dict options, read_options(call, {"name"}));
  BUD_TRY(const std::string name, bus::get_or<std::string>(options, "name", {}));
  if (name.size() > max_name) return fail(Errc::too_large, "a name has at most 128 bytes");
  BUD_CHECK(engine->create_account(name));
  out.path({paths::account});
  return {};
}

Result<> Accounts::check_account(bus::Call& call) {
  BUD_TRY(const core::AccountInfo own, context_.core.own_account());
  BUD_TRY(const bus::ObjectPath path, call.args.path());
  if (path.text != paths::account) return fail(Errc::not_found, "there is no such account");
  return {};
}

Result<> Accounts::recovery_words(bus::Call& call, bus::Writer& out) {
  BUD_CHECK(check_account(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const crypto::SecretBytes words, engine->recovery_words());
  BUD_TRY(const UniqueFd fd, sealed_memfd(words.expose()));
  out.fd(fd.get());
  return {};
}

Result<> Accounts::recovery_words_kept(bus::Call& call, bus::Writer&) {
  BUD_CHECK(check_account(call));
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->recovery_words_shown();
}

Result<> Accounts::join(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string address, call.args.string(max_address));
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  return engine->begin_join(address);
}

Result<> Accounts::join_status(bus::Call&, bus::Writer& out) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const core::AccountInfo own, engine->account());
  BUD_TRY(const core::JoinStatus status, engine->join_status());
  out.dict(to_dict(status, own));
  return {};
}

Result<> Accounts::confirm_join(bus::Call& call, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(const std::string code, call.args.string(max_code));
  return engine->confirm_join(code);
}

Result<> Accounts::cancel_join(bus::Call&, bus::Writer&) {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  return engine->cancel_join();
}

}  // namespace bud::service
