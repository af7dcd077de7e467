// budstikke group create|add|remove|leave|rename|members
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "client/names.h"
#include "client/thread.h"

#include <algorithm>

namespace bud::cli {
namespace {

struct Create {
  std::string name;
  std::vector<std::string> addresses;
  std::map<std::string, std::string> policy;
};
struct Change {
  std::string group, who, name;
  bool administrator = false;
};

Result<ExitCode> create(Context& context, const Create& options) {
  BUD_TRY(const client::Account account, own_account(context));
  std::vector<client::ObjectPath> contacts;
  for (const std::string& address : options.addresses) {
    BUD_TRY(client::ObjectPath contact, account.resolve(address));
    contacts.push_back(std::move(contact));
  }
  bus::Dict how{{"name", options.name}};
  for (const auto& [what, who] : options.policy)
    if (!who.empty()) how[what] = who;
  BUD_TRY(const client::ObjectPath path, account.create_group(contacts, how));
  return context.answer([&](Json& j) { j.object().key("thread").text(client::last_part(path)).end(); },
                        client::last_part(path) + "\n");
}

Result<client::Thread> find_group(Context& context, const Change& options) {
  BUD_TRY(const client::ObjectPath path, find_thread(context, options.group));
  return client::Thread(*context.connection, path);
}

Result<std::vector<client::ContactView>> people_of(Context& context, const client::ThreadView& group) {
  std::vector<client::ContactView> people;
  for (const client::ObjectPath& member : group.members) {
    BUD_TRY(client::ContactView view, client::Contact(*context.connection, member).view());
    people.push_back(std::move(view));
  }
  return people;
}

// A member by its address, or by the beginning of its account id.
Result<client::ObjectPath> find_member(Context& context, const client::Thread& group, const std::string& who) {
  BUD_TRY(const client::ThreadView view, group.view());
  BUD_TRY(const std::vector<client::ContactView> people, people_of(context, view));
  if (who.find(':') != std::string::npos) {
    for (const client::ContactView& one : people)
      if (std::find(one.addresses.begin(), one.addresses.end(), who) != one.addresses.end()) return one.path;
    return fail(Errc::not_found,
                "Nobody in the group is known to have this address: budstikke group members shows all");
  }
  std::vector<Bytes> ids;
  for (const client::ContactView& one : people) ids.push_back(one.id);
  BUD_TRY(const Bytes id, find_by_prefix(who, ids, "member"));
  return client::contact_path(id);
}

Result<ExitCode> add(Context& context, const Change& options) {
  BUD_TRY(const client::Thread group, find_group(context, options));
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const client::ObjectPath contact, account.resolve(options.who));
  BUD_CHECK(group.add_member(contact, options.administrator));
  return context.done("");
}

Result<ExitCode> remove(Context& context, const Change& options) {
  BUD_TRY(const client::Thread group, find_group(context, options));
  BUD_TRY(const client::ObjectPath member, find_member(context, group, options.who));
  BUD_CHECK(group.remove_member(member));
  return context.done("");
}

Result<ExitCode> leave(Context& context, const Change& options) {
  BUD_TRY(const client::Thread group, find_group(context, options));
  BUD_CHECK(group.leave());
  return context.done("");
}

Result<ExitCode> rename(Context& context, const Change& options) {
  BUD_TRY(const client::Thread group, find_group(context, options));
  BUD_CHECK(group.rename(options.name));
  return context.done("");
}

Result<ExitCode> members(Context& context, const Change& options) {
  BUD_TRY(const client::Thread group, find_group(context, options));
  BUD_TRY(const client::ThreadView view, group.view());
  BUD_TRY(const std::vector<client::ContactView> people, people_of(context, view));
  const auto rank = [&](const auto& is) {
    return std::any_of(view.administrators.begin(), view.administrators.end(), is) ? "administrator" : "";
  };
  Table table({"NAME", "ADDRESS", "ACCOUNT", ""});
  if (view.in) table.row({"you", "", "", rank([](const client::ObjectPath& path) { return client::is_own(path); })});
  for (const client::ContactView& one : people) {
    table.row({one.name, one.addresses.empty() ? "-" : one.addresses.front(), short_hex(one.id),
               rank([&](const client::ObjectPath& path) { return path == one.path; })});
  }
  return context.answer(
      [&](Json& j) {
        j.object().key("thread");
        write(j, view);
        j.key("members").array();
        for (const client::ContactView& one : people) write(j, one);
        j.end().end();
      },
      table.text());
}

CLI::App* change(CLI::App& group, Context& context, const std::string& name, const std::string& help,
                 const std::shared_ptr<Change>& options, Result<ExitCode> (*run)(Context&, const Change&)) {
  CLI::App* added = command(group, context, name, help, options, run);
  added->add_option("GROUP", options->group, "Its thread, from thread list, or the beginning of that")->required();
  return added;
}

void add_create(CLI::App& groups, Context& context) {
  const auto options = std::make_shared<Create>();
  CLI::App* added = command(groups, context, "create", "A new group, which you administer", options, create);
  added->add_option("NAME", options->name, "What it is called, for everybody")->required();
  added->add_option("ADDRESS", options->addresses, "Who is in it beside you");
  for (const char* what : {"add", "remove", "rename", "post"}) {
    added->add_option("--" + std::string(what), options->policy[what], "Who may")
        ->check(CLI::IsMember({"everybody", "administrators"}));
  }
}

}  // namespace

void add_group_commands(CLI::App& app, Context& context) {
  CLI::App* groups = group(app, "group", "Conversations of several people");
  add_create(*groups, context);
  auto options = std::make_shared<Change>();
  CLI::App* added = change(*groups, context, "add", "Take somebody in", options, add);
  added->add_option("ADDRESS", options->who, "Who")->required();
  added->add_flag("--administrator", options->administrator, "As an administrator, or make a member one");
  options = std::make_shared<Change>();
  change(*groups, context, "remove", "Put somebody out", options, remove)
      ->add_option("WHO", options->who, "Their address, their account id, or the beginning of that")
      ->required();
  options = std::make_shared<Change>();
  change(*groups, context, "leave", "Go, on all your devices", options, leave);
  options = std::make_shared<Change>();
  change(*groups, context, "rename", "Call it something else, for everybody", options, rename)
      ->add_option("NAME", options->name, "What it is called from now on")
      ->required();
  options = std::make_shared<Change>();
  change(*groups, context, "members", "Who is in it", options, members);
}

}  // namespace bud::cli
