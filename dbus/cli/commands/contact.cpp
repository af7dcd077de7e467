// budstikke contact list|show|add|name|block|unblock
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"

#include <algorithm>

namespace bud::cli {
namespace {

std::string first_address(const client::ContactView& contact) {
  return contact.addresses.empty() ? "-" : contact.addresses.front();
}

std::string standing(const client::ContactView& contact) {
  if (contact.blocked) return "blocked";
  if (contact.disputed) return "disputed";
  return contact.verified ? "verified" : "";
}

Result<ExitCode> list(Context& context) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const std::vector<client::ContactView> contacts, client::Manager(*connection).contacts());
  Table table({"NAME", "ADDRESS", "ACCOUNT", ""});
  for (const client::ContactView& c : contacts) table.row({c.name, first_address(c), short_hex(c.id), standing(c)});
  return context.answer(
      [&](Json& j) {
        j.object().key("contacts").array();
        for (const client::ContactView& c : contacts) write(j, c);
        j.end().end();
      },
      table.empty() ? "There are no contacts yet: budstikke contact add ADDRESS.\n" : table.text());
}

Result<ExitCode> answer(Context& context, const client::ObjectPath& path) {
  const client::Contact contact(*context.connection, path);
  BUD_TRY(const client::ContactView view, contact.view());
  BUD_TRY(const std::vector<client::Device> devices, contact.devices());
  Table table;
  table.row({"Account", to_hex(view.id)});
  table.row({"Name", view.name.empty() ? "-" : view.name});
  for (const std::string& address : view.addresses) table.row({"Address", address});
  table.row({"Verified", view.verified ? "yes" : "no: safety numbers were not compared"});
  if (view.blocked) table.row({"Blocked", "yes: nothing of theirs is shown"});
  if (view.disputed) table.row({"Disputed", "yes: some devices are held back"});
  return context.answer(
      [&](Json& j) {
        j.object().key("contact");
        write(j, view);
        j.key("devices").array();
        for (const client::Device& d : devices) write(j, d);
        j.end().end();
      },
      table.text() + "\n" + devices_table(devices));
}

// From an address, an account id or the beginning of one.
Result<client::ObjectPath> find_contact(Context& context, const std::string& what) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_TRY(const std::vector<client::ContactView> contacts, client::Manager(*connection).contacts());
  const auto holds = [&](const auto& matches) { return std::find_if(contacts.begin(), contacts.end(), matches); };
  if (what.find(':') != std::string::npos) {
    const auto found = holds([&](const client::ContactView& c) {
      return std::find(c.addresses.begin(), c.addresses.end(), what) != c.addresses.end();
    });
    if (found == contacts.end())
      return fail(Errc::not_found, "No contact has this address: budstikke contact add looks it up");
    return found->path;
  }
  std::vector<Bytes> ids;
  for (const client::ContactView& c : contacts) ids.push_back(c.id);
  BUD_TRY(const Bytes id, find_by_prefix(what, ids, "contact"));
  return holds([&](const client::ContactView& c) { return c.id == id; })->path;
}

Result<ExitCode> show(Context& context, const std::string& what) {
  BUD_TRY(const client::ObjectPath path, find_contact(context, what));
  return answer(context, path);
}

struct Name {
  std::string contact, name;
};
Result<ExitCode> set_name(Context& context, const Name& options) {
  BUD_TRY(const client::ObjectPath path, find_contact(context, options.contact));
  BUD_CHECK(client::Contact(*context.connection, path).set_name(options.name));
  return context.done("");
}

template <bool blocked>
Result<ExitCode> set_blocked(Context& context, const std::string& what) {
  BUD_TRY(const client::ObjectPath path, find_contact(context, what));
  BUD_CHECK(client::Contact(*context.connection, path).set_blocked(blocked));
  return context.done("");
}

Result<ExitCode> add(Context& context, const std::string& address) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const client::ObjectPath contact, account.resolve(address));
  return answer(context, contact);
}

}  // namespace

void add_contact_commands(CLI::App& app, Context& context) {
  CLI::App* contact = group(app, "contact", "Others' accounts");
  command(*contact, context, "list", "All that are known", list);
  constexpr const char* which = "Its address, its account id, or the beginning of that";
  const auto shown = std::make_shared<std::string>();
  command(*contact, context, "show", "One, with its devices", shown, show)
      ->add_option("CONTACT", *shown, which)
      ->required();
  const auto name = std::make_shared<Name>();
  CLI::App* named = command(*contact, context, "name", "Call somebody what you like, on all your devices", name, set_name);
  named->add_option("CONTACT", name->contact, which)->required();
  named->add_option("NAME", name->name, "None: the name that they give themselves");
  const auto blocked = std::make_shared<std::string>(), unblocked = std::make_shared<std::string>();
  command(*contact, context, "block", "Show nothing of theirs any more, and say nothing back", blocked, set_blocked<true>)
      ->add_option("CONTACT", *blocked, which)
      ->required();
  command(*contact, context, "unblock", "Show what comes from now on", unblocked, set_blocked<false>)
      ->add_option("CONTACT", *unblocked, which)
      ->required();
  const auto added = std::make_shared<std::string>();
  command(*contact, context, "add", "Look an address up, and remember whose it is", added, add)
      ->add_option("ADDRESS", *added, "With its bridge in front, \"spool:bob\"")
      ->required();
}

}  // namespace bud::cli
