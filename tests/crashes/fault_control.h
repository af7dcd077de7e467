// The test's side of a fault plan.
#pragma once

#include "base/unique_fd.h"
#include "crashes/fault_plan.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

namespace bud::test {

struct Fault {
  Op op = Op::sync;
  Act act = Act::fail;
  int error = 0;
  std::int64_t call = 1;  // the how manieth from now on
};

class FaultControl {
 public:
  explicit FaultControl(const std::string& path) : path_(path) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd || ::ftruncate(fd.get(), sizeof(FaultPlan)) != 0) throw std::runtime_error("no file for the faults");
    void* page = ::mmap(nullptr, sizeof(FaultPlan), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (page == MAP_FAILED) throw std::runtime_error("no memory for the faults");
    plan_ = static_cast<FaultPlan*>(page);
  }
  ~FaultControl() { ::munmap(plan_, sizeof(FaultPlan)); }
  FaultControl(const FaultControl&) = delete;
  FaultControl& operator=(const FaultControl&) = delete;

  // What the program's environment has to hold, so that it takes part.
  std::string preload() const { return "LD_PRELOAD=" BUD_FAULT_PRELOAD; }
  std::string variable() const { return "BUD_FAULTS=" + path_; }

  void arm(const Fault& fault) {
    disarm();
    plan_->op = fault.op;
    plan_->act = fault.act;
    plan_->error = fault.error;
    plan_->calls_left = fault.call;
    plan_->armed.store(1, std::memory_order_release);
  }
  void disarm() { plan_->armed = 0; }
  std::uint64_t hits() const { return plan_->hits; }

 private:
  std::string path_;
  FaultPlan* plan_ = nullptr;
};

}  // namespace bud::test
