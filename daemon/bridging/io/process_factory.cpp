#include "bridging/io/process_factory.h"

#include "bridging/io/process_worker.h"

#include <unistd.h>

namespace bud::bridging {

Result<> ProcessFactory::installed(const std::string& kind) {
  const std::string path = plugin(kind);
  if (access(path.c_str(), R_OK) != 0)
    return fail(Errc::unsupported, "No bridge of the kind \"" + kind + "\" is installed (" + path + ")");
  return {};
}

Result<std::unique_ptr<Worker>> ProcessFactory::start(const std::string& kind, Worker::Listener& listener) {
  return ProcessWorker::start(event_, listener, paths_.host_program, {plugin(kind)});
}

}  // namespace bud::bridging
