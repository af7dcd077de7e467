/* The bridge ABI of Budstikke, version 1: what a transport plugin offers, and what its host offers in return.
 *
 * A bridge carries two things over some transport. DIRECTORY: put this device's record where others find it, get the
 * records of an address, say when they change. PUSH: carry sealed copies to named devices, and hand over those that
 * arrive. And, where the transport can, BLOBS: keep large sealed bytes and give them back. It sees neither keys nor
 * plaintext, nobody trusts it, and it keeps no state beyond what it hands to the host.
 *
 * Shape, after CLAP (https://github.com/free-audio/clap):
 *  - A shared object exports one constant, `bud_bridge_entry`. Everything else is reached through it.
 *  - Every structure starts with its own size in bytes, as compiled by whoever fills it in, and grows at its end only.
 *    Read a member only where the size covers it: BUD_HAS(pointer, member). Arrays of structures are arrays of pointers.
 *  - Whatever is optional or may come later is an extension, asked for by a name that holds its revision. An unknown
 *    name gives NULL, on both sides. A revision never changes; a changed one has a new name.
 *  - Unknown values of an enumeration must be tolerated: an unknown status counts as BUD_UNKNOWN_OUTCOME.
 *
 * Threads: a plugin has one thread, the host's loop, marked [loop] below: all of its functions are called there, and
 * it calls the host there. One host function, wake(), is marked [any] and may be called from a thread of its own.
 *
 * Re-entrance: the host never calls the plugin from inside a call that the plugin makes to the host; what follows from
 * such a call happens when the plugin has returned to the loop. So an operation may be completed inside the very call
 * that began it. A plugin must not block the loop for long: no name resolution, no waiting for a server.
 *
 * Ownership: buffers, strings and structures that are passed in a call are borrowed for that call, both ways; copy what
 * is to live longer. Strings are UTF-8 and end in NUL. What get_extension() and get_factory() return lives as long as
 * what it was asked of. Nothing is ever freed by the other side.
 *
 * Trust: the host checks all that comes from a plugin as it checks what comes from a network. A plugin should do the
 * same with what comes from its server: bound it before allocating, and skip with a log line what makes no sense.
 */
#ifndef BUDSTIKKE_BRIDGE_H
#define BUDSTIKKE_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BUD_ABI_MAJOR 1u /* another major: not loaded */
#define BUD_ABI_MINOR 0u /* additions at the end of structures */

/* Whether the filler of *p knew of the member. */
#define BUD_HAS(p, member) \
  ((size_t)(p)->size >= (size_t)((const char *)&(p)->member - (const char *)(p)) + sizeof((p)->member))

#if defined(__GNUC__)
#define BUD_EXPORT __attribute__((visibility("default")))
#else
#define BUD_EXPORT
#endif

/* Borrowed bytes. data may be NULL where size is 0. (Fixed for ever: no size stamp.) */
typedef struct bud_bytes {
  const uint8_t *data;
  size_t size;
} bud_bytes;

/* ---- Statuses ------------------------------------------------------------------------------------------------- */

typedef uint32_t bud_status;
enum {
  BUD_OK = 0,
  BUD_RETRY_LATER = 1,     /* nothing was done; the same again may succeed, after retry_after_ms if that is not 0 */
  BUD_UNKNOWN_OUTCOME = 2, /* may or may not have been done; the host does it again, receivers cope with doubles */
  BUD_AUTH = 3,            /* credentials refused or expired: a person must act; the host does not retry by itself */
  BUD_TOO_LARGE = 4,       /* will never fit */
  BUD_GONE = 5,            /* the transport account or device has ceased to exist on the server; get: the blob has */
  BUD_NO_SUCH_DEVICE = 6,  /* push: the transport positively knows no such device */
  BUD_PARTIAL = 7,         /* push: each copy has its own status */
  BUD_INVALID = 8          /* arguments or configuration refused; the words say what to change */
};

/* How an operation ended. */
typedef struct bud_completion {
  uint32_t size;
  bud_status status;
  uint32_t retry_after_ms; /* with BUD_RETRY_LATER: what the server asked for; 0: the host's own backoff */
  const char *words;       /* for people, where status is not BUD_OK: what is wrong and what to do. NULL: nothing to say.
                              No secrets, no envelopes. The host cuts it at 1 KiB. */
  const void *result;      /* what the operation says it gives; NULL where it gives nothing or failed */
} bud_completion;

/* ---- The host -------------------------------------------------------------------------------------------------- */

typedef struct bud_host bud_host;
struct bud_host {
  uint32_t size;
  const char *name;    /* for a User-Agent */
  const char *version;
  void *data; /* the host's own */

  /* [loop] An extension of the host's, or NULL. The names are BUD_HOST_… below. */
  const void *(*get_extension)(const bud_host *host, const char *name);

  /* [loop] Ends operation `op`. Exactly once for each, at the latest by its deadline. A completion that comes twice,
   * late or for an unknown operation is ignored and logged. Never calls back. */
  void (*complete)(const bud_host *host, uint64_t op, const bud_completion *completion);
};

/* Always there. File descriptors, timers and waking on the host's loop. */
#define BUD_HOST_LOOP "bud.host.loop/1"
enum { BUD_IO_READ = 1, BUD_IO_WRITE = 2, BUD_IO_ERROR = 4 /* reported unasked: error or hang-up */ };
typedef void (*bud_io_function)(void *user, int fd, uint32_t events);
typedef void (*bud_timer_function)(void *user);
typedef struct bud_host_loop {
  uint32_t size;
  /* [loop] Milliseconds of a clock that never jumps and counts suspended time; deadlines are on it. */
  uint64_t (*now_ms)(const bud_host *host);
  /* [loop] Calls `f` whenever fd is ready (level-triggered). The fd stays the plugin's; remove the watch before closing
   * it. An id that is not 0, or 0 where the descriptor cannot be watched (files of a disk) or there are over 1024. */
  uint64_t (*add_fd)(const bud_host *host, int fd, uint32_t events, bud_io_function f, void *user);
  /* [loop] Other events for a watch; false for an unknown id. */
  bool (*modify_fd)(const bud_host *host, uint64_t id, uint32_t events);
  /* [loop] After this the function is not called again. Unknown ids are ignored. */
  void (*remove_fd)(const bud_host *host, uint64_t id);
  /* [loop] Calls `f` once, `delay_ms` from now or later. An id that is not 0, or 0 where there are over 1024. */
  uint64_t (*add_timer)(const bud_host *host, uint64_t delay_ms, bud_timer_function f, void *user);
  /* [loop] As remove_fd. A timer that has fired is gone. */
  void (*remove_timer)(const bud_host *host, uint64_t id);
  /* [any] Has the bridge's on_wake() called on the loop soon, once for any number of calls before it. */
  void (*wake)(const bud_host *host);
} bud_host_loop;

/* Always there. Small state that outlives the worker: a device name, a sync token. Values have at most 64 KiB and keys
 * 64 characters [a-z0-9._-]; 64 keys at most. Kept sealed by the daemon. */
#define BUD_HOST_KV "bud.host.kv/1"
typedef void (*bud_stored_function)(void *user, bud_status status);
typedef struct bud_host_kv {
  uint32_t size;
  /* [loop] False where there is no such key. The bytes are borrowed until the next put() or the return to the loop. */
  bool (*get)(const bud_host *host, const char *key, bud_bytes *value);
  /* [loop] get() sees the value at once; `stored`, if given, is called from the loop when it is on disk, or
   * with BUD_RETRY_LATER when it could not be written. What is put first is stored first, and before the daemon acts on
   * any completion or delivery that the plugin makes afterwards. A value that must not be lost (a rotated token) is
   * used only once `stored` has said BUD_OK. BUD_INVALID, also by `stored`, for a key or value beyond the limits. */
  void (*put)(const bud_host *host, const char *key, bud_bytes value, bud_stored_function stored, void *user);
} bud_host_kv;

/* Always there. */
#define BUD_HOST_LOG "bud.host.log/1"
enum { BUD_LOG_ERROR = 3, BUD_LOG_WARNING = 4, BUD_LOG_NOTICE = 5, BUD_LOG_INFO = 6, BUD_LOG_DEBUG = 7 }; /* syslog's */
typedef struct bud_host_log {
  uint32_t size;
  /* [loop] One line, no secrets; control characters are replaced, it is cut at 1 KiB, and a flood is thinned out. */
  void (*log)(const bud_host *host, uint32_t level, const char *text);
} bud_host_log;

/* Always there. The bridge's condition outside of operations. */
#define BUD_HOST_STATE "bud.host.state/1"
typedef struct bud_host_state {
  uint32_t size;
  /* [loop] BUD_OK: working (again), which also has the host retry what waits; BUD_RETRY_LATER: the server is away and
   * the plugin keeps trying; BUD_AUTH, BUD_GONE: a person must act. Words as in bud_completion. */
  void (*report)(const bud_host *host, bud_status status, const char *words);
} bud_host_state;

/* There for plugins with bud.push/1. */
#define BUD_HOST_DELIVERY "bud.host.delivery/1"
typedef struct bud_host_delivery {
  uint32_t size;
  /* [loop] Hands over copies that have arrived, and the cursor behind them: opaque, at most 4 KiB, not empty. One batch
   * is outstanding at a time: the next is handed over only after ack() of this cursor. At most 1000 copies and 16 MiB.
   * Nothing is removed from a server, and no token that implies it is used, before the ack; after a crash whatever was
   * not acknowledged is handed over again. */
  void (*deliver)(const bud_host *host, const bud_bytes *copies, uint32_t count, bud_bytes cursor);
} bud_host_delivery;

/* There for plugins with bud.directory/1. */
#define BUD_HOST_DIRECTORY "bud.host.directory/1"
typedef struct bud_host_directory {
  uint32_t size;
  /* [loop] What the directory holds at `address` may have changed. A hint: the host looks it up again. */
  void (*changed)(const bud_host *host, const char *address);
} bud_host_directory;

/* ---- The bridge ------------------------------------------------------------------------------------------------ */

typedef struct bud_bridge_descriptor {
  uint32_t size;
  const char *id;          /* "spool": [a-z0-9-], also the prefix of its addresses */
  const char *name;        /* for people */
  const char *version;
  const char *description; /* one sentence */
} bud_bridge_descriptor;

/* What start() gives: who one is on this transport, and what it can carry. */
enum {
  BUD_CAN_ORDER = 1,  /* copies from one sender to one device arrive in the order of their push */
  BUD_CAN_WATCH = 2,  /* calls changed() for its own address and for those looked up lately */
};
typedef struct bud_identity {
  uint32_t size;
  const char *address;       /* own, without a prefix; at most 255 bytes */
  const char *device;        /* the transport's own name for this device; at most 255 bytes. The same after a restart. */
  uint32_t max_envelope;     /* largest sealed copy, in bytes */
  uint32_t max_batch;        /* most copies in one push() */
  uint32_t max_batch_bytes;  /* most bytes of envelopes in one push() */
  uint32_t max_record;       /* largest record, in bytes */
  uint32_t flags;            /* BUD_CAN_… */
  uint32_t retention_s;      /* how long undelivered copies are kept at least; 0: as long as it takes */
  uint32_t idempotency_s;    /* how long the same copy id is known to be the same push; 0: not at all */
  uint64_t max_blob;         /* largest blob, in sealed bytes, of bud.blob/1; 0: keeps none */
} bud_identity;

typedef struct bud_bridge bud_bridge;
struct bud_bridge {
  uint32_t size;
  const bud_bridge_descriptor *descriptor;
  void *data; /* the plugin's own */

  /* [loop] An extension of the bridge's, or NULL: BUD_DIRECTORY, BUD_PUSH, BUD_BLOB. The same answers at any time. */
  const void *(*get_extension)(const bud_bridge *bridge, const char *name);

  /* [loop] Checks the configuration (a JSON object, UTF-8), connects, logs in. Called once. Gives bud_identity. After
   * BUD_OK the other operations may come, and the bridge may deliver. A server that is away at the start is no
   * reason to fail where the identity is known: complete with BUD_OK and report BUD_RETRY_LATER. */
  void (*start)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const char *configuration);

  /* [loop] See bud_host_loop.wake. */
  void (*on_wake)(const bud_bridge *bridge);

  /* [loop] Stops and frees everything: watches, timers, threads, the bridge itself. Operations still open are given up
   * and not completed. The last call, also after a start that failed. */
  void (*destroy)(const bud_bridge *bridge);
};

/* Put a record, get records. */
#define BUD_DIRECTORY "bud.directory/1"
/* What lookup() gives: ALL that the directory holds at the address, in any order, of at most 4 MiB together. */
typedef struct bud_records {
  uint32_t size;
  uint32_t count;
  const bud_bytes *records;
} bud_records;
typedef struct bud_directory {
  uint32_t size;
  /* [loop] Puts `record` at `address` under `device`, both from bud_identity, in place of the one before. Gives nothing.
   * BUD_OK: others can fetch it. */
  void (*publish)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const char *address, const char *device,
                  bud_bytes record);
  /* [loop] Gives bud_records. BUD_OK with no records says that the directory positively holds none there. An answer that
   * may lack something is no BUD_OK: devices would seem to have been removed. */
  void (*lookup)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const char *address);
} bud_directory;

/* Carry sealed copies. */
#define BUD_PUSH "bud.push/1"
enum { BUD_CLASS_NORMAL = 0, BUD_CLASS_URGENT = 1, BUD_CLASS_SILENT = 2, BUD_CLASS_EPHEMERAL = 3, BUD_CLASS_CALL = 4 };
typedef struct bud_copy {
  uint32_t size;
  uint32_t message_class; /* BUD_CLASS_…: a hint for waking devices */
  uint64_t id;            /* rises; the same copy has the same id in every attempt */
  const char *address;    /* as the recipient's record names it, without a prefix: an outsider's text */
  const char *device;     /* likewise */
  uint32_t ttl_s;         /* seconds from now after which it is worthless; 0: never */
  bud_bytes envelope;
} bud_copy;
/* What push() gives with BUD_PARTIAL: one status for each copy, in their order. */
typedef struct bud_push_result {
  uint32_t size;
  uint32_t count;
  const bud_status *statuses;
} bud_push_result;
typedef struct bud_push {
  uint32_t size;
  /* [loop] Carries the copies, which are within the limits of bud_identity. One push is open at a time. Gives
   * bud_push_result with BUD_PARTIAL; any other status is that of every copy. BUD_OK: the transport has it. */
  void (*push)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const bud_copy *const *copies,
               uint32_t count);
  /* [loop] What was delivered with this cursor is on disk: the server may forget it. An unknown cursor is ignored. */
  void (*ack)(const bud_bridge *bridge, bud_bytes cursor);
} bud_push;

/* Keep sealed bytes that are too large for a copy, and give them back: for bridges whose bud_identity.max_blob is not 0.
 *
 * A blob is moved in slices, one operation each, so that nothing runs for long and everything is resumed: an operation
 * moves as much as takes a fraction of a second (a MiB or so), completes with BUD_OK and says how far the blob is, and the
 * host asks again until it is whole. An operation that has moved nothing is BUD_RETRY_LATER. At most one put and one get
 * are open at a time.
 *
 * Descriptors are the host's, and borrowed until the operation has ended, by its completion or at its deadline: work that
 * may outlast it (a thread's) takes a duplicate. They are regular files on the host's disk: reading and writing them does
 * not block, and they cannot be watched. */
#define BUD_BLOB "bud.blob/1"
/* What put() gives. */
typedef struct bud_put_result {
  uint32_t size;
  uint64_t done;        /* bytes of the blob that the transport has, from the first: those are not carried again */
  const char *location; /* once it has them all: where anybody finds it, at most 480 bytes of UTF-8 without control
                           characters, for get() of another device on the same kind of transport; NULL before */
} bud_put_result;
/* What get() gives. */
typedef struct bud_get_result {
  uint32_t size;
  uint64_t added; /* bytes appended by this operation */
  bool end;       /* nothing comes after them */
} bud_get_result;
typedef struct bud_blob {
  uint32_t size;
  /* [loop] Carries on with putting `total` sealed bytes, which stand in `source` from its beginning; it is read with
   * pread() (the descriptor's own offset means nothing). What an earlier put() of the same name has left on the transport
   * is resumed, in whatever process that was. The name is 32 lower-case hexadecimal digits, drawn by the host for this
   * blob; the same name always means the same bytes. Gives bud_put_result. BUD_TOO_LARGE: over max_blob. */
  void (*put)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const char *name, int source, uint64_t total);
  /* [loop] Appends bytes of the blob at `location` to `target`, which holds its first `offset` bytes already and was opened
   * with O_APPEND; never so many that it would hold more than `limit`. Gives bud_get_result. BUD_GONE: the transport
   * positively has no such blob. BUD_INVALID: no location of this transport. The location is an outsider's text. */
  void (*get)(const bud_bridge *bridge, uint64_t op, uint64_t deadline_ms, const char *location, int target,
              uint64_t offset, uint64_t limit);
} bud_blob;

/* ---- The shared object ----------------------------------------------------------------------------------------- */

#define BUD_BRIDGE_FACTORY "bud.bridge-factory/1"
typedef struct bud_bridge_factory {
  uint32_t size;
  /* [loop] What this shared object offers. */
  uint32_t (*count)(void);
  const bud_bridge_descriptor *(*descriptor)(uint32_t index);
  /* [loop] A bridge by its descriptor's id, or NULL. Only remembers `host`, which outlives the bridge; may ask it
   * for extensions, does no I/O. */
  const bud_bridge *(*create)(const bud_host *host, const char *id);
} bud_bridge_factory;

typedef struct bud_entry {
  uint32_t abi_major; /* BUD_ABI_MAJOR */
  uint32_t abi_minor;
  uint32_t size;
  /* [loop] Once after loading, before anything else; `path` is the shared object's. False: unusable. */
  bool (*init)(const char *path);
  /* [loop] Once before unloading, after every bridge was destroyed; not called where init() failed. */
  void (*deinit)(void);
  /* [loop] A factory by name, or NULL. */
  const void *(*get_factory)(const char *name);
} bud_entry;

/* The one symbol that a plugin exports. */
extern BUD_EXPORT const bud_entry bud_bridge_entry;

#ifdef __cplusplus
}
#endif
#endif
