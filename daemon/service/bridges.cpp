#include "service/bridges.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace bud::service {
namespace {

constexpr std::size_t max_name = 32;
constexpr bus::Bounds config_bounds{32, 4096};

// A plugin is configured in JSON; an a{sv} has all that it may say.
Result<std::string> to_json(const bus::Dict& config) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto string = [&](const std::string& s) { json.String(s.data(), static_cast<rapidjson::SizeType>(s.size())); };
  json.StartObject();
  for (const auto& [key, value] : config) {
    json.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
    if (const auto* s = std::get_if<std::string>(&value)) {
      string(*s);
    } else if (const auto* b = std::get_if<bool>(&value)) {
      json.Bool(*b);
    } else if (const auto* u = std::get_if<std::uint32_t>(&value)) {
      json.Uint(*u);
    } else if (const auto* t = std::get_if<std::uint64_t>(&value)) {
      json.Uint64(*t);
    } else if (const auto* x = std::get_if<std::int64_t>(&value)) {
      json.Int64(*x);
    } else if (const auto* all = std::get_if<std::vector<std::string>>(&value)) {
      json.StartArray();
      for (const std::string& one : *all) string(one);
      json.EndArray();
    } else {
      return fail(Errc::malformed, "a bridge's configuration has texts, numbers, booleans and lists of texts only");
    }
  }
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

void write_probe(bus::Writer& out, bool ok, const std::string& text) {
  out.dict({{"ok", ok}, {"text", text}});
}

}  // namespace

const sd_bus_vtable Bridges::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Add", SD_BUS_ARGS("s", name, "s", kind, "a{sv}", config), SD_BUS_NO_RESULT,
                            bus::method<&Bridges::add>, SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_METHOD_WITH_ARGS("Remove", SD_BUS_ARGS("s", name, "a{sv}", options), SD_BUS_NO_RESULT,
                            bus::method<&Bridges::remove>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("List", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", bridges), bus::method<&Bridges::list>,
                            SD_BUS_VTABLE_UNPRIVILEGED | SD_BUS_VTABLE_SENSITIVE),
    SD_BUS_METHOD_WITH_ARGS("Probe", SD_BUS_ARGS("s", name), SD_BUS_RESULT("a{sv}", result),
                            bus::method<&Bridges::probe>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Bridges::serve() {
  BUD_TRY(object_, context_.control.add_object(paths::control, interface, vtable, *this));
  return {};
}

Result<std::vector<bus::Dict>> Bridges::describe() const {
  BUD_TRY(core::Engine* const engine, context_.core.engine());
  BUD_TRY(bridging::Bridges* const running, context_.core.bridges());
  BUD_TRY(const std::vector<core::BridgeConfig> configured, engine->bridges());
  std::map<std::string, bridging::Bridges::Description> now;
  for (bridging::Bridges::Description& one : running->list()) now.emplace(one.name, std::move(one));
  std::vector<bus::Dict> all;
  for (const core::BridgeConfig& config : configured) {
    bus::Dict d{{"name", config.name}, {"kind", config.kind}};
    const auto found = now.find(config.name);
    if (found == now.end()) {
      d.emplace("state", static_cast<std::uint32_t>(bridging::BridgeState::failed));
      d.emplace("text", "no bridge of this kind is installed");
    } else {
      const auto& [name, kind, address, status] = found->second;
      d.emplace("state", static_cast<std::uint32_t>(status.state));
      if (!address.empty()) d.emplace("address", name + ":" + address);
      if (!status.words.empty()) d.emplace("text", status.words);
    }
    all.push_back(std::move(d));
  }
  return all;
}

Result<> Bridges::add(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::string name, call.args.string(max_name));
  BUD_TRY(const std::string kind, call.args.string(max_name));
  BUD_TRY(const bus::Dict config, call.args.dict(config_bounds));
  BUD_TRY(const std::string json, to_json(config));
  return context_.core.add_bridge({name, kind, json});
}

Result<> Bridges::remove(bus::Call& call, bus::Writer&) {
  BUD_TRY(const std::string name, call.args.string(max_name));
  BUD_TRY(const bus::Dict options, read_options(call, {}));
  return context_.core.remove_bridge(name);
}

Result<> Bridges::list(bus::Call&, bus::Writer& out) {
  BUD_TRY(const std::vector<bus::Dict> all, describe());
  out.dicts(all);
  return {};
}

// What a bridge needs of its transport shows when it looks its own address up.
Result<> Bridges::probe(bus::Call& call, bus::Reply& reply) {
  BUD_TRY(bridging::Bridges* const running, context_.core.bridges());
  BUD_TRY(const std::string name, call.args.string(max_name));
  const std::vector<bridging::Bridges::Description> all = running->list();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  if (found == all.end()) return fail(Errc::not_found, "there is no bridge of that name, or its kind is not installed");
  if (found->status.state != bridging::BridgeState::up) {
    const std::string& words = found->status.words;
    reply.ok([&](bus::Writer& out) { write_probe(out, false, words.empty() ? "it is starting: ask again" : words); });
    return {};
  }
  const auto later = std::make_shared<bus::Reply>(std::move(reply));
  const Result<> asked = lookups_.ask(name, found->address, [later](Result<Lookups::Outcome> outcome) {
    if (!outcome) return later->fail(outcome.error());
    const bool ok = *outcome == Lookups::Outcome::complete;
    later->ok([&](bus::Writer& out) { write_probe(out, ok, ok ? "all is well" : "its directory did not answer"); });
  });
  if (!asked) later->fail(asked.error());
  return {};
}

}  // namespace bud::service
