#include "unit/cli/mock_service.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace bud::test {
namespace {

constexpr std::string_view prefix = "org.budstikke.";

std::string short_name(std::string_view interface) {
  return std::string(interface.starts_with(prefix) ? interface.substr(prefix.size()) : interface);
}

}  // namespace

MockService::MockService() : wake_(::eventfd(0, EFD_CLOEXEC)) {
  // Connected here, so that the names are there when a test begins; from here on the thread alone has it.
  event_.emplace(std::move(*bus::Event::create()));
  connection_.emplace(std::move(*bus::Bus::open(bus_.address())));
  if (!connection_->request_name("org.budstikke.Budstikke1") || !connection_->request_name("org.budstikke.Control1") ||
      !connection_->attach(*event_) || sd_bus_add_filter(connection_->raw(), nullptr, filter, this) < 0) {
    throw std::runtime_error("the mock service does not start");
  }
  thread_ = std::thread([this] { run(); });
}

MockService::~MockService() { stop(); }

void MockService::stop() {
  if (!thread_.joinable()) return;
  post([this] { event_->exit(0); });
  thread_.join();
}

void MockService::run() {
  const auto woken = event_->io(wake_.get(), EPOLLIN, [this](std::uint32_t) {
    std::uint64_t n = 0;
    (void)!::read(wake_.get(), &n, sizeof n);
    std::vector<std::function<void()>> calls;
    {
      const std::lock_guard lock(mutex_);
      calls.swap(posted_);
    }
    for (const auto& call : calls) call();
  });
  (void)event_->run();
  connection_.reset();
}

void MockService::post(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(call));
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void MockService::on(const std::string& interface, const std::string& member, Handler handler) {
  const std::lock_guard lock(mutex_);
  handlers_[{interface, member}] = std::move(handler);
}

void MockService::set(const std::string& path, const std::string& interface, const std::string& name, Property value) {
  const std::lock_guard lock(mutex_);
  properties_[{path, interface}][name] = std::move(value);
}

void MockService::list(const std::string& path, const std::string& interface) {
  const std::lock_guard lock(mutex_);
  listed_.emplace_back(path, interface);
}

void MockService::signal(const std::string& path, const std::string& interface, const std::string& member,
                         bus::Bus::Write write) {
  post([=, this] { (void)connection_->emit({{}, path, std::string(prefix) + interface}, member, write); });
}

void MockService::properties_changed(const std::string& path, const std::string& interface) {
  post([=, this] {
    (void)connection_->emit({{}, path, "org.freedesktop.DBus.Properties"}, "PropertiesChanged",
                            [&](bus::Writer& w) { w.string(std::string(prefix) + interface).dict({}).strings({}); });
  });
}

void MockService::leave() {
  post([this] {
    for (const char* name : {"org.budstikke.Budstikke1", "org.budstikke.Control1"}) {
      (void)sd_bus_release_name(connection_->raw(), name);
    }
    event_->exit(0);
  });
}

int MockService::calls(const std::string& interface, const std::string& member) {
  const std::lock_guard lock(mutex_);
  return calls_[{interface, member}];
}

int MockService::filter(sd_bus_message* m, void* self, sd_bus_error*) {
  if (sd_bus_message_is_method_call(m, nullptr, nullptr) <= 0) return 0;
  return static_cast<MockService*>(self)->answer(bus::Message::share(m)) ? 1 : 0;
}

bool MockService::answer(const bus::Message& message) {
  const std::lock_guard lock(mutex_);
  const Key key{short_name(message.interface()), std::string(message.member())};
  ++calls_[key];
  bus::Reply reply(bus::Message::share(message.raw()));
  const auto handler = handlers_.find(key);
  reply.ok([&](bus::Writer& out) {
    Result<> result;
    bus::Reader args(message);
    if (message.interface() == "org.freedesktop.DBus.Properties") {
      result = properties(message, out);
    } else if (key.second == "GetManagedObjects") {
      objects(out);
    } else if (handler != handlers_.end()) {
      result = handler->second(args, out);
    } else {
      result = fail(Errc::internal, "the test did not expect " + key.first + "." + key.second);
    }
    if (!result) out.fail(result.error());
  });
  return true;
}

Result<> MockService::properties(const bus::Message& message, bus::Writer& out) {
  bus::Reader args(message);
  BUD_TRY(const std::string interface, args.string(255));
  const auto& all = properties_[{std::string(message.path()), short_name(interface)}];
  const auto one = [&](const Property& value) {
    if (const auto* simple = std::get_if<bus::Value>(&value)) {
      out.variant(*simple);
    } else {
      out.open('v', "aa{sv}").dicts(std::get<std::vector<bus::Dict>>(value)).close();
    }
  };
  if (message.member() == "Get") {
    BUD_TRY(const std::string name, args.string(255));
    const auto found = all.find(name);
    if (found == all.end()) return fail(Errc::unsupported, "no property " + name);
    one(found->second);
    return {};
  }
  out.open('a', "{sv}");
  for (const auto& [name, value] : all) {
    out.open('e', "sv").string(name);
    one(value);
    out.close();
  }
  out.close();
  return {};
}

void MockService::objects(bus::Writer& out) {
  out.open('a', "{oa{sa{sv}}}");
  for (const auto& key : listed_) {
    out.open('e', "oa{sa{sv}}").path({key.first}).open('a', "{sa{sv}}");
    out.open('e', "sa{sv}").string(std::string(prefix) + key.second);
    bus::Dict dict;
    for (const auto& [name, value] : properties_[key]) {
      if (const auto* simple = std::get_if<bus::Value>(&value)) dict[name] = *simple;
    }
    out.dict(dict).close().close().close();
  }
  out.close();
}

}  // namespace bud::test
