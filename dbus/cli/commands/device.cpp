// budstikke device list|window|requests|approve|reject|revoke
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/render.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

#include <algorithm>
#include <charconv>

namespace bud::cli {
namespace {

using client::RequestState;

struct Window {
  std::uint32_t seconds = 0;
  bool close = false;
};
struct Requests {
  bool wait = false;
  std::uint32_t timeout = 60;
};
struct Approve {
  std::vector<std::string> words;  // [REQUEST] CODE
  bool wait = false;
  std::uint32_t timeout = 60;
};
struct Revoke {
  std::string device;
  bool yes = false;
};

Result<ExitCode> list(Context& context) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const std::vector<client::Device> devices, account.devices());
  return context.answer(
      [&](Json& j) {
        j.object().key("devices").array();
        for (const client::Device& d : devices) write(j, d);
        j.end().end();
      },
      devices_table(devices));
}

Result<ExitCode> window(Context& context, const Window& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Devices devices(*connection);
  if (options.close) {
    BUD_CHECK(devices.close_join_window());
    return context.done("The window is closed.\n");
  }
  BUD_CHECK(devices.open_join_window(options.seconds));
  return context.done(
      "The window is open. On the new device: budstikke account join ADDRESS; then here: budstikke device approve "
      "CODE.\n");
}

Result<ExitCode> answer(Context& context, const std::vector<client::JoinRequest>& requests) {
  Table table({"REQUEST", "DEVICE", "STATE", "ATTEMPTS", "SINCE"});
  for (const client::JoinRequest& r : requests) {
    table.row({std::to_string(r.id), short_hex(r.device), std::string(word(r.state)), std::to_string(r.attempts),
               format_time(r.time)});
  }
  return context.answer(
      [&](Json& j) {
        j.object().key("requests").array();
        for (const client::JoinRequest& r : requests) write(j, r);
        j.end().end();
      },
      table.empty() ? "No device asks to join.\n" : table.text());
}

// Waits until some request is in this state, or beyond it.
Result<std::vector<client::JoinRequest>> await(Context& context, const client::Devices& devices, RequestState state,
                                               std::uint32_t timeout) {
  BUD_CHECK(devices.wake_on_requests());
  std::vector<client::JoinRequest> requests;
  BUD_TRY(const bool met, context.connection->wait_until(timeout_of(timeout), [&]() -> Result<bool> {
    BUD_TRY(requests, devices.requests());
    return std::any_of(requests.begin(), requests.end(), [&](const auto& r) { return r.state >= state; });
  }));
  if (!met) return fail(Errc::offline, "The time is up, and no device asks to join yet");
  return requests;
}

Result<ExitCode> requests(Context& context, const Requests& options) {
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Devices devices(*connection);
  if (options.wait) {
    BUD_TRY(const auto all, await(context, devices, RequestState::wants_code, options.timeout));
    return answer(context, all);
  }
  BUD_TRY(const auto all, devices.requests());
  return answer(context, all);
}

Result<std::uint64_t> request_number(const std::string& text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Errc::malformed, "\"" + text + "\" is no request's number");
  return n;
}

// The request that was named, or the only one that there is.
Result<client::JoinRequest> choose(const std::vector<client::JoinRequest>& all,
                                   const std::optional<std::uint64_t>& number) {
  if (!number && all.size() > 1) return fail(Errc::malformed, "Several devices ask to join: say which request");
  for (const client::JoinRequest& r : all) {
    if (!number || r.id == *number) return r;
  }
  return fail(Errc::not_found, "There is no such request, or it is over");
}

Result<> await_added(Context& context, const Bytes& device, std::uint32_t timeout) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_CHECK(account.wake_on_change());
  BUD_TRY(const bool met, context.connection->wait_until(timeout_of(timeout), [&]() -> Result<bool> {
    BUD_TRY(const std::vector<client::Device> devices, account.devices());
    return std::any_of(devices.begin(), devices.end(), [&](const client::Device& d) {
      return d.id == device && d.state == client::DeviceState::active;
    });
  }));
  if (!met) return fail(Errc::offline, "The time is up, and the device is not added yet");
  return {};
}

Result<ExitCode> approve(Context& context, const Approve& options) {
  std::optional<std::uint64_t> number;
  if (options.words.size() > 1) {
    BUD_TRY(number, request_number(options.words.front()));
  }
  BUD_TRY(client::Connection * connection, context.connect());
  const client::Devices devices(*connection);
  // The code may be on the new device's screen a moment before its answer is here.
  BUD_TRY(const auto all, await(context, devices, RequestState::wants_code, options.timeout));
  BUD_TRY(const client::JoinRequest request, choose(all, number));
  BUD_TRY(const std::string second, devices.approve(request.id, options.words.back()));
  if (options.wait) {
    context.console.note("Code: " + escape(second) + "\nType it on the new device.");
    BUD_CHECK(await_added(context, request.device, options.timeout));
  }
  return context.answer(
      [&](Json& j) {
        j.object().key("request").number(request.id).key("device").hex(request.device).key("code").text(second);
        j.key("added").boolean(options.wait).end();
      },
      options.wait ? "The device is added.\n" : "Code: " + escape(second) + "\nType it on the new device.\n");
}

Result<ExitCode> reject(Context& context, const std::uint64_t& request) {
  BUD_TRY(client::Connection * connection, context.connect());
  BUD_CHECK(client::Devices(*connection).reject(request));
  return context.done("The request is rejected.\n");
}

Result<ExitCode> revoke(Context& context, const Revoke& options) {
  BUD_TRY(const client::Account account, own_account(context));
  BUD_TRY(const std::vector<client::Device> devices, account.devices());
  std::vector<Bytes> ids;
  for (const client::Device& d : devices) ids.push_back(d.id);
  BUD_TRY(const Bytes id, find_by_prefix(options.device, ids, "device"));
  const auto device = std::find_if(devices.begin(), devices.end(), [&](const client::Device& d) { return d.id == id; });
  if (device->this_device && !options.yes) {
    return fail(Errc::malformed, "That is this device: it would be out of its account. With --yes it is done");
  }
  BUD_CHECK(client::Devices(*context.connection).revoke(id));
  return context.answer([&](Json& j) { j.object().key("revoked").hex(id).end(); },
                        "Revoked: " + short_hex(id) + ". From now on nothing is sealed for it.\n");
}

}  // namespace

void add_device_commands(CLI::App& app, Context& context) {
  CLI::App* device = group(app, "device", "The account's devices: list, add, revoke");
  command(*device, context, "list", "All devices, and what they are", list);

  const auto open = std::make_shared<Window>();
  CLI::App* added = command(*device, context, "window", "Let one new device ask to join, for a while", open, window);
  added->add_option("SECONDS", open->seconds, "For how long, 1 to 300; 300 where nothing is said");
  added->add_flag("--close", open->close, "Close it instead");

  const auto asked = std::make_shared<Requests>();
  added = command(*device, context, "requests", "Devices that ask to join", asked, requests);
  added->add_flag("--wait", asked->wait, "Wait until one can be approved");
  add_timeout(*added, asked->timeout);

  const auto approved = std::make_shared<Approve>();
  added = command(*device, context, "approve", "Let a device in: takes its code, answers the second code", approved,
                  approve);
  added
      ->add_option("CODE", approved->words,
                   "What the new device shows; before it the request's number, where several devices ask")
      ->type_name("[REQUEST] CODE")
      ->required()
      ->expected(1, 2);
  added->add_flag("--wait", approved->wait, "Wait until the device is added");
  add_timeout(*added, approved->timeout);

  const auto rejected = std::make_shared<std::uint64_t>();
  added = command(*device, context, "reject", "Refuse a device that asks to join", rejected, reject);
  added->add_option("REQUEST", *rejected, "From device requests")->required();

  const auto revoked = std::make_shared<Revoke>();
  added = command(*device, context, "revoke", "Put a device out of the account", revoked, revoke);
  added->add_option("DEVICE", revoked->device, "Its id, or the beginning of it")->required();
  added->add_flag("--yes", revoked->yes, "Even where it is this device");
}

}  // namespace bud::cli
