#include "service/vault.h"

#include "service/log.h"
#include "vault/passphrase.h"

namespace bud::service {
namespace {

constexpr Duration patience = seconds(10);

std::string_view name_of(vault::Protection protection) {
  return protection == vault::Protection::passphrase ? "passphrase" : "key-file";
}

}  // namespace

const sd_bus_vtable Vault::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("State", "u", bus::property<&Vault::state>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Protection", "s", bus::property<&Vault::protection>, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_METHOD_WITH_ARGS("Create", SD_BUS_ARGS("h", passphrase, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Vault::create>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Unlock", SD_BUS_ARGS("h", passphrase, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Vault::unlock>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Lock", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, bus::method<&Vault::lock>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Vault::serve() {
  BUD_TRY(object_, context_.control.add_object(paths::control, interface, vtable, *this));
  return {};
}

void Vault::open_by_itself() {
  const auto protection = vault::state(folder_);
  if (!protection) return log(LogLevel::error, "the vault cannot be used: " + protection.error().text);
  if (*protection != vault::Protection::key_file) return;
  const Result<> opened = open(vault::unlock_unprotected(folder_));
  if (!opened) log(LogLevel::error, "the vault does not open: " + opened.error().text);
}

Result<> Vault::open(const Result<crypto::Secret<32>>& master) {
  if (!master) return tl::unexpected(master.error());
  return context_.core.start(*master);
}

// --- Properties

Result<> Vault::state(bus::Writer& out) const {
  const auto protection = vault::state(folder_);
  // What cannot be read was made once: it counts as locked, and Unlock says what is wrong.
  const bool empty = protection && !*protection;
  out.u32(context_.core.running() ? 3 : empty ? 1 : 2);
  return {};
}

Result<> Vault::protection(bus::Writer& out) const {
  const auto protection = vault::state(folder_);
  out.string(protection && *protection ? name_of(**protection) : "");
  return {};
}

// --- Methods

struct Vault::Job {
  UniqueFd passphrase;
  KeyFrom key_from;
  Result<crypto::Secret<32>> master = fail(Errc::internal, "not run");
  bus::Reply reply;

  void run() {
    Result<crypto::SecretBytes> secret = vault::read_passphrase(passphrase.get(), patience);
    if (secret) {
      master = key_from(*secret);
    } else if (secret.error().code == Errc::busy) {
      master = fail(Errc::malformed, "the passphrase did not come to its end within ten seconds");
    } else {
      master = forward(secret);
    }
  }
};

Result<> Vault::with_passphrase(UniqueFd passphrase, KeyFrom key_from, bus::Reply& reply) {
  if (background_.busy()) return fail(Errc::busy, "another call is at it");
  const auto job = std::make_shared<Job>(
      Job{std::move(passphrase), std::move(key_from), fail(Errc::internal, "not run"), std::move(reply)});
  const Result<> started = background_.run([job] { job->run(); },
                                           [this, job, locks = locks_] {
                                             if (locks != locks_) {
                                               return job->reply.fail({Errc::locked, "the vault was locked meanwhile"});
                                             }
                                             job->reply.finish(open(job->master));
                                           });
  if (!started) job->reply.fail(started.error());
  return {};
}

Result<> Vault::create(bus::Call& call, bus::Reply& reply) {
  BUD_TRY(UniqueFd passphrase, call.args.fd());
  BUD_TRY(const bus::Dict options, read_options(call, {"protection"}));
  BUD_TRY(const std::string protection, bus::get_or<std::string>(options, "protection", "passphrase"));
  BUD_TRY(const std::optional<vault::Protection> there, vault::state(folder_));
  if (there) return fail(Errc::conflict, "there is a vault already");
  if (protection == "passphrase") {
    return with_passphrase(
        std::move(passphrase),
        [this](const crypto::SecretBytes& secret) {
          crypto::SystemRandom random;  // one for each thread
          return vault::create(folder_, secret, {}, random);
        },
        reply);
  }
  if (protection != "key-file") {
    return fail(Errc::unsupported, "a vault is protected by \"passphrase\" or by \"key-file\"");
  }
  if (background_.busy()) return fail(Errc::busy, "another call is at it");
  crypto::SystemRandom random;
  reply.finish(open(vault::create_unprotected(folder_, random)));
  return {};
}

Result<> Vault::unlock(bus::Call& call, bus::Reply& reply) {
  BUD_TRY(UniqueFd passphrase, call.args.fd());
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  BUD_TRY(const std::optional<vault::Protection> protection, vault::state(folder_));
  if (!protection) return fail(Errc::not_found, "there is no vault yet: create one");
  if (context_.core.running()) {
    reply.ok();
    return {};
  }
  if (*protection == vault::Protection::key_file) {
    reply.finish(open(vault::unlock_unprotected(folder_)));
    return {};
  }
  return with_passphrase(
      std::move(passphrase), [this](const crypto::SecretBytes& secret) { return vault::unlock(folder_, secret); },
      reply);
}

Result<> Vault::lock(bus::Call&, bus::Writer&) {
  const auto protection = vault::state(folder_);
  if (protection && !*protection) return fail(Errc::not_found, "there is no vault yet: create one");
  ++locks_;
  context_.core.stop();
  return {};
}

}  // namespace bud::service
