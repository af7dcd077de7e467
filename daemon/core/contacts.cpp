#include "core/contacts.h"

#include "core/own_state.h"

namespace bud::core {
namespace {

constexpr std::size_t max_addresses = 64, max_hints = 8;

// False where it is there already, or there is no room.
bool add_unique(std::vector<std::string>& to, const std::string& item, std::size_t most) {
  if (item.empty() || to.size() >= most || std::find(to.begin(), to.end(), item) != to.end()) return false;
  to.push_back(item);
  return true;
}

}  // namespace

Result<> Contacts::add(const AccountId& account, const std::string& address, bool accepted) {
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  ContactRow contact = row ? std::move(*row) : ContactRow{account, {}, false, false, context_.now()};
  if (!row) {  // what was said of it on another device, before it was known here
    BUD_TRY(const Bytes verified, register_value(context_, wire::RegisterKind::verified, account.view()));
    BUD_TRY(const Bytes was_accepted, register_value(context_, wire::RegisterKind::accepted, account.view()));
    contact.verified = !verified.empty();
    contact.accepted = !was_accepted.empty();
  }
  const bool added = add_unique(contact.addresses, address, max_addresses);
  if (row && !added && (contact.accepted || !accepted)) return {};
  contact.accepted = contact.accepted || accepted;
  context_.changes.contacts.push_back(account);
  return save(context_.db(), Table::contacts, key::account(account), contact);
}

Result<ContactInfo> Contacts::describe(const ContactRow& row) {
  ContactInfo c{row.account, {}, row.addresses, row.verified, false, false, {}};
  BUD_TRY(AccountRow account, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(row.account)));
  BUD_TRY(const Bytes name, register_value(context_, wire::RegisterKind::contact_name, row.account.view()));
  c.own_name = as_text(name);
  c.name = name.empty() ? account.name : c.own_name;
  BUD_TRY(c.blocked, is_blocked(context_, row.account));
  BUD_TRY(std::shared_ptr<const AccountView> view, ledgers_.view(row.account));
  c.disputed = view && !view->held.empty();
  return c;
}

Result<ContactInfo> Contacts::info(const AccountId& account) {
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  if (!row) return fail(Errc::not_found, "no such contact");
  return describe(*row);
}

Result<ContactInfo> Contacts::person(const AccountId& account) {
  BUD_TRY(std::optional<ContactRow> row, load<ContactRow>(context_.db(), Table::contacts, key::account(account)));
  if (row) return describe(*row);
  ContactRow stranger;
  stranger.account = account;
  BUD_TRY(std::string address, address_for_own_devices(account));
  if (!address.empty()) stranger.addresses.push_back(std::move(address));
  return describe(stranger);
}

Result<std::vector<ContactInfo>> Contacts::all() {
  std::vector<ContactRow> rows;
  BUD_CHECK(each<ContactRow>(context_.db(), Table::contacts, {}, [&](std::uint64_t, ContactRow& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  std::vector<ContactInfo> out;
  for (const ContactRow& row : rows) {
    BUD_TRY(ContactInfo c, describe(row));
    out.push_back(std::move(c));
  }
  return out;
}

Result<std::string> Contacts::name(const AccountId& account) {
  if (account == context_.own.account) return std::string(context_.own.name);
  BUD_TRY(const Bytes given, register_value(context_, wire::RegisterKind::contact_name, account.view()));
  if (!given.empty()) return std::string(as_text(given));
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(account)));
  return row.name.empty() ? to_hex(account.view().first(4)) : std::move(row.name);
}

// What a ledger claims is not enough: whoever wrote it can claim anybody's address (attack `one-sided-claim`).
Result<std::string> Contacts::address_for_own_devices(const AccountId& contact) {
  BUD_TRY(std::vector<std::string> addresses, addresses_of(context_, contact));
  for (const std::string& address : addresses) {
    BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
    if (row.account == contact && !row.reset) return address;
  }
  return std::string();
}

// As on the device that wrote, unless it led to another before.
Result<> Contacts::take_address(const AccountId& contact, const std::string& address) {
  if (!split_address(address)) return {};
  BUD_TRY(AddressRow row, load_or_new<AddressRow>(context_.db(), Table::addresses, key::text(address)));
  if (row.account == contact) return {};
  if (row.account != AccountId{})
    return alerts_.raise(AlertKind::directory_mismatch, contact, {},
                         "Another device of yours writes to another account at " + address +
                             " than this one was led to. Compare the safety number with the person you mean.");
  row.account = contact;
  row.ambiguous = false;
  return save(context_.db(), Table::addresses, key::text(address), row);
}

Result<> Contacts::hint(const AccountId& account, const std::string& address) {
  if (!split_address(address) || account == context_.own.account) return {};
  BUD_TRY(AccountRow row, load_or_new<AccountRow>(context_.db(), Table::accounts, key::account(account)));
  if (!add_unique(row.hints, address, max_hints)) return {};
  return save(context_.db(), Table::accounts, key::account(account), row);
}

}  // namespace bud::core
