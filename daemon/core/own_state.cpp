#include "core/own_state.h"

#include "base/text.h"
#include "wire/labels.h"

namespace bud::core {
namespace {

using wire::Register;
using wire::RegisterKind;
using AlertSubject = Fixed<struct AlertSubjectTag, 32>;

Bytes flag_value(bool set) {
  return set ? Bytes{1} : Bytes{};
}
Bytes time_value(Time t) {
  return t == Time{} ? Bytes{} : wire::Writer().time(t).take();
}

// The same on every device that has raised it.
AlertSubject subject_of(const Alert& a) {
  return crypto::Hasher(wire::label::register_alert)
      .add(wire::Writer().u8(static_cast<std::uint8_t>(a.kind)).fixed(a.account).fixed(a.device).bytes())
      .finish_as<AlertSubject>();
}

// What is wrong with this device alone is not answered for the others.
bool is_shared(AlertKind kind) {
  return kind != AlertKind::bridge_deaf && kind != AlertKind::this_device_removed && kind != AlertKind::store_damaged;
}

}  // namespace

std::uint64_t register_number(ByteView value) {
  wire::Reader r(value);
  const std::uint64_t n = r.u64();
  return r.finish("number") ? n : 0;
}
Time register_time(ByteView value) { return {register_number(value)}; }

Result<> OwnState::set(RegisterKind kind, ByteView subject, ByteView value) {
  BUD_TRY(const bool changed, registers_.set(kind, subject, value));
  if (!changed) return {};
  return apply({kind, Bytes(subject.begin(), subject.end()), 0, {}, Bytes(value.begin(), value.end())});
}

// --- contacts ---

Result<> OwnState::set_of_contact(RegisterKind kind, const AccountId& account, ByteView value) {
  BUD_TRY(const std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  if (!row) return fail(Errc::not_found, "no such contact");
  return set(kind, account.view(), value);
}

Result<> OwnState::set_contact_name(const AccountId& account, const std::string& name) {
  if (name.size() > wire::max_name || !valid_text(name))
    return fail(Errc::malformed, "a name is UTF-8 of at most 128 bytes");
  return set_of_contact(RegisterKind::contact_name, account, as_bytes(name));
}
Result<> OwnState::set_blocked(const AccountId& account, bool blocked) {
  return set_of_contact(RegisterKind::blocked, account, flag_value(blocked));
}
Result<> OwnState::set_verified(const AccountId& account, bool verified) {
  return set_of_contact(RegisterKind::verified, account, flag_value(verified));
}
Result<> OwnState::accept(const AccountId& account) {
  if (!context_.member() || account == context_.own.account) return {};
  Result<> done = set(RegisterKind::accepted, account.view(), flag_value(true));
  // Where there is no room for another, it stands on this device alone.
  return !done && done.error().code == Errc::too_large ? Result<>{} : done;
}

// --- threads ---

Result<> OwnState::set_of_thread(RegisterKind kind, const ThreadId& thread, ByteView value) {
  BUD_TRY(const std::optional<ThreadRow> row, load<ThreadRow>(context_.db(), Table::threads, key::thread(thread)));
  if (!row) return fail(Errc::not_found, "no such thread");
  return set(kind, thread.view(), value);
}

Result<> OwnState::set_muted(const ThreadId& thread, Time until) {
  return set_of_thread(RegisterKind::mute, thread, time_value(until));
}
Result<> OwnState::set_pinned(const ThreadId& thread, bool pinned) {
  return set_of_thread(RegisterKind::pin, thread, flag_value(pinned));
}
Result<> OwnState::set_archived(const ThreadId& thread, bool archived) {
  return set_of_thread(RegisterKind::archive, thread, flag_value(archived));
}
Result<> OwnState::set_draft(const ThreadId& thread, const std::string& text) {
  if (!valid_text(text)) return fail(Errc::malformed, "a draft is UTF-8");
  if (text.size() > wire::max_register_value) return fail(Errc::too_large, "a draft has at most 8 KiB");
  return set_of_thread(RegisterKind::draft, thread, as_bytes(text));
}
Result<std::string> OwnState::draft(const ThreadId& thread) {
  BUD_TRY(const std::optional<ThreadRow> row, load<ThreadRow>(context_.db(), Table::threads, key::thread(thread)));
  if (!row) return fail(Errc::not_found, "no such thread");
  BUD_TRY(const Bytes value, registers_.get(RegisterKind::draft, thread.view()));
  return std::string(as_text(value));
}

// --- settings ---

Result<> OwnState::set_setting(const std::string& name, ByteView value) {
  if (value.size() > wire::max_register_value) return fail(Errc::too_large, "a setting has at most 8 KiB");
  return set(RegisterKind::setting, as_bytes(name), value);
}
Result<Bytes> OwnState::setting(const std::string& name) {
  return registers_.get(RegisterKind::setting, as_bytes(name));
}

// --- alerts ---

Result<> OwnState::acknowledge_alert(std::uint64_t id) {
  BUD_TRY(const Alert alert, alerts_.acknowledge(id));
  if (!context_.member() || !is_shared(alert.kind)) return {};
  BUD_CHECK(registers_.set(RegisterKind::alert_answered, subject_of(alert).view(), time_value(context_.now())));
  return {};
}

// Only what waits already is answered by it: were it looked at again when an alert is raised, an answer from a device
// whose clock is ahead would keep all that comes after it from being seen.
Result<> OwnState::answered(const Register& change) {
  const Time time = register_time(change.value);
  BUD_TRY(const std::vector<Alert> all, alerts_.list());
  for (const Alert& a : all)
    if (!a.acknowledged && is_shared(a.kind) && a.time <= time && equal(subject_of(a).view(), change.subject))
      BUD_CHECK(alerts_.acknowledge(a.id));
  return {};
}

// --- applying ---

Result<> OwnState::apply(const Register& change) {
  switch (change.kind) {
    case RegisterKind::blocked:
    case RegisterKind::contact_name:
    case RegisterKind::verified:
    case RegisterKind::accepted:
      return apply_to_contact(change);
    case RegisterKind::mute:
    case RegisterKind::pin:
    case RegisterKind::archive:
    case RegisterKind::draft:
      return apply_to_thread(*ThreadId::from(change.subject));
    case RegisterKind::setting:
      context_.changes.settings.emplace_back(as_text(change.subject));
      return {};
    case RegisterKind::alert_answered:
      return answered(change);
    case RegisterKind::read_up_to:
      break;  // reading.h's
  }
  return {};  // of a kind that is not known here: kept, and passed on
}

Result<> OwnState::apply_to_contact(const Register& change) {
  const AccountId account = *AccountId::from(change.subject);
  const bool set = !change.value.empty();
  if (change.kind == RegisterKind::blocked && set && account != context_.own.account) {
    // What was still to be said to it about what came from it.
    BUD_CHECK(context_.db().erase_all(Table::receipts, key::account(account)));
    BUD_CHECK(context_.db().erase_all(Table::healing, key::account(account)));
  }
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  if (!row) return {};
  context_.changes.contacts.push_back(account);
  if (change.kind == RegisterKind::contact_name)
    return apply_to_thread(wire::thread_of_two(context_.own.account, account));
  if (change.kind == RegisterKind::blocked) return {};
  (change.kind == RegisterKind::verified ? row->verified : row->accepted) = set;
  return save(context_.db(), Table::contacts, key::account(account), *row);
}

Result<> OwnState::apply_to_thread(const ThreadId& thread) {
  BUD_TRY(const std::optional<ThreadRow> row, load<ThreadRow>(context_.db(), Table::threads, key::thread(thread)));
  if (row) context_.changes.threads.push_back(thread);
  return {};
}

}  // namespace bud::core
