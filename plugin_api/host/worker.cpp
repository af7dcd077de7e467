#include "host/worker.h"

#include "host/text.h"

#include <cstring>

namespace bud::worker {
namespace {

constexpr std::size_t max_configuration = 64 * 1024;
constexpr std::size_t max_name = 255;
constexpr std::size_t max_record = 1024 * 1024;
constexpr std::size_t max_copies = 1000;
constexpr std::size_t max_envelope = 1024 * 1024;
constexpr std::uint32_t max_timeout_ms = 10 * 60 * 1000;
constexpr std::size_t max_location = 480;
constexpr std::uint64_t max_blob = std::uint64_t{1} << 48;

// A copy as it is read from the bus, and as the ABI wants it.
struct PushedCopy {
  std::string address;
  std::string device;
  bud_copy abi{};
};

Result<PushedCopy> read_copy(bus::Reader& args) {
  PushedCopy copy;
  BUD_CHECK(args.structure("tssuuay", [&]() -> Result<> {
    BUD_TRY(copy.abi.id, args.u64());
    BUD_TRY(copy.address, args.string(max_name));
    BUD_TRY(copy.device, args.string(max_name));
    BUD_TRY(copy.abi.message_class, args.u32());
    BUD_TRY(copy.abi.ttl_s, args.u32());
    BUD_TRY(const ByteView envelope, args.byte_view(max_envelope));
    copy.abi.envelope = {envelope.data(), envelope.size()};
    return {};
  }));
  copy.abi.size = sizeof copy.abi;
  return copy;
}

// A plugin's identity, whole whatever header it was built against; strings bounded.
bud_identity whole(const bud_identity& given) {
  bud_identity identity{};
  std::memcpy(&identity, &given, std::min<std::size_t>(given.size, sizeof identity));
  return identity;
}

void write_identity(bus::Writer& out, const void* result, bool blobs) {
  if (result == nullptr) {
    out.string("").string("").dict({});
    return;
  }
  const bud_identity identity = whole(*static_cast<const bud_identity*>(result));
  out.string(printable(identity.address)).string(printable(identity.device));
  out.dict({{"max_envelope", identity.max_envelope},
            {"max_batch", identity.max_batch},
            {"max_batch_bytes", identity.max_batch_bytes},
            {"max_record", identity.max_record},
            {"flags", identity.flags},
            {"retention_s", identity.retention_s},
            {"idempotency_s", identity.idempotency_s},
            {"max_blob", blobs ? identity.max_blob : 0}});
}

void write_records(bus::Writer& out, const void* result) {
  out.open('a', "ay");
  if (result != nullptr) {
    const auto* records = static_cast<const bud_records*>(result);
    for (std::uint32_t i = 0; i < records->count; ++i) out.bytes({records->records[i].data, records->records[i].size});
  }
  out.close();
}

void write_statuses(bus::Writer& out, const void* result, std::size_t expected) {
  const auto* push = static_cast<const bud_push_result*>(result);
  out.open('a', "u");
  for (std::size_t i = 0; push != nullptr && i < expected; ++i)
    out.u32(i < push->count ? push->statuses[i] : bud_status{BUD_UNKNOWN_OUTCOME});
  out.close();
}

// A location that the daemon could not use is none: the bridge is asked again, and its author sees why.
void write_put(bus::Writer& out, const void* result) {
  const auto* put = static_cast<const bud_put_result*>(result);
  out.u64(put != nullptr ? put->done : 0);
  const bool fits = put != nullptr && put->location != nullptr && strnlen(put->location, max_location + 1) <= max_location;
  out.string(fits ? printable(put->location) : std::string());
}

void write_got(bus::Writer& out, const void* result) {
  const auto* got = static_cast<const bud_get_result*>(result);
  out.u64(got != nullptr ? got->added : 0).boolean(got != nullptr && got->end);
}

bool is_blob_name(std::string_view name) {
  return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

const sd_bus_vtable Worker::vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS(
        "Configure", SD_BUS_ARGS("s", configuration, "a(say)", state, "u", timeout_ms),
        SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words, "s", address, "s", device, "a{sv}", capabilities),
        bus::method<&Worker::configure>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Publish", SD_BUS_ARGS("s", address, "s", device, "ay", record, "u", timeout_ms),
                            SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words), bus::method<&Worker::publish>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Lookup", SD_BUS_ARGS("s", address, "u", timeout_ms),
                            SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words, "aay", records),
                            bus::method<&Worker::lookup>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Push", SD_BUS_ARGS("a(tssuuay)", copies, "u", timeout_ms),
                            SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words, "au", statuses),
                            bus::method<&Worker::push>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("PutBlob", SD_BUS_ARGS("s", name, "h", source, "t", total, "u", timeout_ms),
                            SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words, "t", done, "s", location),
                            bus::method<&Worker::put_blob>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("GetBlob",
                            SD_BUS_ARGS("s", location, "h", target, "t", offset, "t", limit, "u", timeout_ms),
                            SD_BUS_RESULT("u", status, "u", retry_after_ms, "s", words, "t", added, "b", end),
                            bus::method<&Worker::get_blob>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Ack", SD_BUS_ARGS("ay", cursor), SD_BUS_NO_RESULT, bus::method<&Worker::ack>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END};

Result<> Worker::start(bus::Event& event, bus::Bus& bus, const std::string& plugin_path) {
  BUD_TRY(host_, AbiHost::create(event, daemon_, operations_, [this] {
            if (bridge_) bridge_->on_wake(bridge_.get());
          }));
  BUD_TRY(plugin_, Plugin::load(plugin_path));
  BUD_TRY(bridge_, plugin_->create(host_->abi()));
  directory_ = static_cast<const bud_directory*>(bridge_->get_extension(bridge_.get(), BUD_DIRECTORY));
  push_ = static_cast<const bud_push*>(bridge_->get_extension(bridge_.get(), BUD_PUSH));
  blob_ = static_cast<const bud_blob*>(bridge_->get_extension(bridge_.get(), BUD_BLOB));
  BUD_TRY(object_, bus.add_object("/org/budstikke/Bridge1", "org.budstikke.Bridge1", vtable, *this));
  daemon_.ready();
  return {};
}

Result<std::uint64_t> Worker::begin(std::uint32_t timeout_ms, bus::Reply& reply, bud_status with_result,
                                    WriteResult write) {
  // std::function wants what can be copied.
  auto pending = std::make_shared<bus::Reply>(std::move(reply));
  return operations_.begin({std::min(timeout_ms, max_timeout_ms)},
                           [pending, with_result, write = std::move(write)](const bud_completion& completion) {
                             pending->ok([&](bus::Writer& out) {
                               out.u32(completion.status).u32(completion.retry_after_ms);
                               out.string(printable(completion.words));
                               if (write) write(out, completion.status == with_result ? completion.result : nullptr);
                             });
                           });
}

Result<> Worker::configured() const {
  if (!configured_) return fail(Errc::busy, "The bridge is not configured yet");
  return {};
}

Result<> Worker::configure(bus::Call& call, bus::Reply& reply) {
  if (configured_) return fail(Errc::busy, "The bridge is configured already");
  BUD_TRY(const std::string json, call.args.string(max_configuration));
  std::map<std::string, Bytes> state;
  BUD_CHECK(call.args.array("(say)", 64, [&] {
    return call.args.structure("say", [&]() -> Result<> {
      BUD_TRY(std::string key, call.args.string(64));
      BUD_TRY(state[key], call.args.bytes(64 * 1024));
      return {};
    });
  }));
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  host_->restore(std::move(state));
  configured_ = true;
  BUD_TRY(const std::uint64_t op, begin(timeout_ms, reply, BUD_OK, [this](auto& out, auto* r) {
            write_identity(out, r, blob_ != nullptr);
          }));
  bridge_->start(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, json.c_str());
  return {};
}

Result<> Worker::publish(bus::Call& call, bus::Reply& reply) {
  BUD_CHECK(configured());
  BUD_TRY(const std::string address, call.args.string(max_name));
  BUD_TRY(const std::string device, call.args.string(max_name));
  BUD_TRY(const ByteView record, call.args.byte_view(max_record));
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  if (directory_ == nullptr) return fail(Errc::unsupported, "This bridge has no directory");
  BUD_TRY(const std::uint64_t op, begin(timeout_ms, reply, BUD_OK, {}));
  directory_->publish(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, address.c_str(), device.c_str(),
                      {record.data(), record.size()});
  return {};
}

Result<> Worker::lookup(bus::Call& call, bus::Reply& reply) {
  BUD_CHECK(configured());
  BUD_TRY(const std::string address, call.args.string(max_name));
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  if (directory_ == nullptr) return fail(Errc::unsupported, "This bridge has no directory");
  BUD_TRY(const std::uint64_t op, begin(timeout_ms, reply, BUD_OK, write_records));
  directory_->lookup(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, address.c_str());
  return {};
}

Result<> Worker::push(bus::Call& call, bus::Reply& reply) {
  BUD_CHECK(configured());
  std::vector<PushedCopy> copies;
  BUD_CHECK(call.args.array("(tssuuay)", max_copies, [&]() -> Result<> {
    BUD_TRY(PushedCopy copy, read_copy(call.args));
    copies.push_back(std::move(copy));
    return {};
  }));
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  if (push_ == nullptr) return fail(Errc::unsupported, "This bridge carries no copies");
  if (copies.empty()) return fail(Errc::malformed, "There is nothing to push");
  std::vector<const bud_copy*> pointers;
  for (PushedCopy& copy : copies) {
    copy.abi.address = copy.address.c_str();
    copy.abi.device = copy.device.c_str();
    pointers.push_back(&copy.abi);
  }
  BUD_TRY(const std::uint64_t op, begin(timeout_ms, reply, BUD_PARTIAL, [count = copies.size()](auto& out, auto* r) {
            write_statuses(out, r, count);
          }));
  push_->push(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, pointers.data(),
              static_cast<std::uint32_t>(pointers.size()));
  return {};
}

// The descriptor is the operation's: it is closed with it, when it is completed or its time is up.
Result<> Worker::put_blob(bus::Call& call, bus::Reply& reply) {
  BUD_CHECK(configured());
  BUD_TRY(const std::string name, call.args.string(max_name));
  BUD_TRY(UniqueFd fd, call.args.fd());
  BUD_TRY(const std::uint64_t total, call.args.u64());
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  if (blob_ == nullptr) return fail(Errc::unsupported, "This bridge keeps no blobs");
  if (!is_blob_name(name)) return fail(Errc::malformed, "A blob's name is 32 hexadecimal digits");
  if (total == 0 || total > max_blob) return fail(Errc::too_large, "No blob is so large");
  const auto source = std::make_shared<UniqueFd>(std::move(fd));
  BUD_TRY(const std::uint64_t op,
          begin(timeout_ms, reply, BUD_OK, [source](auto& out, auto* r) { write_put(out, r); }));
  blob_->put(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, name.c_str(), source->get(), total);
  return {};
}

Result<> Worker::get_blob(bus::Call& call, bus::Reply& reply) {
  BUD_CHECK(configured());
  BUD_TRY(const std::string location, call.args.string(max_location));
  BUD_TRY(UniqueFd fd, call.args.fd());
  BUD_TRY(const std::uint64_t offset, call.args.u64());
  BUD_TRY(const std::uint64_t limit, call.args.u64());
  BUD_TRY(const std::uint32_t timeout_ms, call.args.u32());
  if (blob_ == nullptr) return fail(Errc::unsupported, "This bridge keeps no blobs");
  if (limit > max_blob || offset >= limit) return fail(Errc::malformed, "There is nothing to get");
  const auto target = std::make_shared<UniqueFd>(std::move(fd));
  BUD_TRY(const std::uint64_t op,
          begin(timeout_ms, reply, BUD_OK, [target](auto& out, auto* r) { write_got(out, r); }));
  blob_->get(bridge_.get(), op, AbiHost::now_ms() + timeout_ms, location.c_str(), target->get(), offset, limit);
  return {};
}

Result<> Worker::ack(bus::Call& call, bus::Writer&) {
  BUD_TRY(const ByteView cursor, call.args.byte_view(4096));
  if (host_->acknowledge(cursor)) push_->ack(bridge_.get(), {cursor.data(), cursor.size()});
  return {};
}

}  // namespace bud::worker
