// The people this device knows, and at which addresses.
#pragma once

#include "core/ledgers.h"

namespace bud::core {

class Contacts {
 public:
  Contacts(Context& context, Alerts& alerts, Ledgers& ledgers) : context_(context), alerts_(alerts), ledgers_(ledgers) {}

  // Makes a contact of a known account. `accepted`: by our own doing, not by a stranger's message.
  [[nodiscard]] Result<> add(const AccountId& account, const std::string& address, bool accepted);
  [[nodiscard]] Result<ContactInfo> info(const AccountId& account);
  // As info, of anybody: of who is no contact with an address only where a directory has led there.
  [[nodiscard]] Result<ContactInfo> person(const AccountId& account);
  [[nodiscard]] Result<std::vector<ContactInfo>> all();
  // What to call an account, contact or not: the name that the user gave, else its own, else the beginning of its id.
  [[nodiscard]] Result<std::string> name(const AccountId& account);

  // An address at which a directory has led this device to the contact, for the own other devices, which may not know one;
  // empty where there is none.
  [[nodiscard]] Result<std::string> address_for_own_devices(const AccountId& contact);
  // The address leads to that account on another own device.
  [[nodiscard]] Result<> take_address(const AccountId& contact, const std::string& address);
  // Somebody says that the account is found there (a roster, a contact card): it is asked there, and not believed.
  [[nodiscard]] Result<> hint(const AccountId& account, const std::string& address);

 private:
  [[nodiscard]] Result<ContactInfo> describe(const ContactRow& row);

  Context& context_;
  Alerts& alerts_;
  Ledgers& ledgers_;
};

}  // namespace bud::core
