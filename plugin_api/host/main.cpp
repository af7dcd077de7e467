// budstikke-bridge-host: a bridge's own process. It serves org.budstikke.Bridge1 on descriptor 3 for a shared object.
#include "host/hygiene.h"
#include "host/worker.h"

#include <cstdio>

using namespace bud;

namespace {

Result<int> run(const std::string& plugin_path) {
  BUD_TRY(bus::Event event, bus::Event::create());
  BUD_TRY(bus::Bus bus, bus::Bus::connect(UniqueFd(3)));
  BUD_CHECK(bus.attach(event));
  worker::Worker worker(event, bus);
  BUD_TRY(const bus::Slot gone, bus.on_disconnected([&] { event.exit(0); }));
  if (Result<> started = worker.start(event, bus, plugin_path); !started) worker.give_up(started.error().text);
  return event.run();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s BRIDGE.so\nStarted by budstikked, with a connected socket as descriptor 3.\n",
                 argc > 0 ? argv[0] : "budstikke-bridge-host");
    return 64;
  }
  if (!worker::put_in_order()) {
    std::perror("budstikke-bridge-host: cannot give up privileges");
    return 71;
  }
  const Result<int> code = run(argv[1]);
  if (code) return *code;
  std::fprintf(stderr, "budstikke-bridge-host: %s\n", code.error().text.c_str());
  return 1;
}
