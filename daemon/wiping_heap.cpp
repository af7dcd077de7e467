// Every block of the heap is wiped when it is given back: what the daemon's own strings and buffers held, and what
// those of its libraries did (messages of sd-bus, which grow by realloc).
//
// Secrets are types that wipe themselves (crypto/secret.h), wherever they are. This is for all the rest: texts, names
// and addresses are ordinary strings in a hundred places, and none of them is to outlive a Lock.
//
// Only free() and realloc() stand in for the C library's. All that gives memory stays its own, and so every block is:
// whichever way it was asked for (aligned or not), and in whichever thread it is given back. operator delete comes here
// too. A sanitizer has another heap, and calls the wiping before it takes a block back.
#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#if defined(__has_feature)
#define BUD_HAS_FEATURE(name) __has_feature(name)
#else
#define BUD_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || BUD_HAS_FEATURE(address_sanitizer) || \
    BUD_HAS_FEATURE(thread_sanitizer)
#define BUD_SANITIZER_HEAP 1
#else
#define BUD_SANITIZER_HEAP 0
#endif

// A new thread comes here before the thread sanitizer is ready for its functions.
#define BUD_NOT_FOR_TSAN __attribute__((no_sanitize("thread")))

namespace {

BUD_NOT_FOR_TSAN void wipe(void* block) {
  ::explicit_bzero(block, ::malloc_usable_size(block));
}

}  // namespace

extern "C" {

#if BUD_SANITIZER_HEAP

// <sanitizer/allocator_interface.h>, which not every compiler brings along.
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*, size_t),
                                              void (*before_free)(const volatile void*));

BUD_NOT_FOR_TSAN static void allocated(const volatile void*, size_t) {}
BUD_NOT_FOR_TSAN static void before_free(const volatile void* block) {
  if (block != nullptr) wipe(const_cast<void*>(block));
}

[[gnu::constructor]] static void wipe_before_free() {
  if (__sanitizer_install_malloc_and_free_hooks(allocated, before_free) == 0) std::abort();
}

#else

void __libc_free(void* block);  // glibc's own, under the name that is there for this

void free(void* block) noexcept {
  if (block == nullptr) return;
  wipe(block);
  __libc_free(block);
}

#endif

BUD_NOT_FOR_TSAN void* realloc(void* block, size_t size) noexcept {
  if (block == nullptr) return std::malloc(size);
  if (size == 0) {
    std::free(block);
    return nullptr;
  }
  const size_t before = ::malloc_usable_size(block);
  // What still fits stays, unless most of it would be wasted; what is cut off is wiped.
  if (size <= before && size >= before / 2) {
    ::explicit_bzero(static_cast<char*>(block) + size, before - size);
    return block;
  }
  void* moved = std::malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, std::min(size, before));
  std::free(block);
  return moved;
}

#if BUD_SANITIZER_HEAP
// The C library's is a call of realloc; a sanitizer's is not, and the thread sanitizer's calls the hook too early.
BUD_NOT_FOR_TSAN void* reallocarray(void* block, size_t count, size_t size) noexcept {
  size_t all = 0;
  if (__builtin_mul_overflow(count, size, &all)) {
    errno = ENOMEM;
    return nullptr;
  }
  return ::realloc(block, all);
}
#endif

}  // extern "C"
