/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The contract between the kernel side and capmond: map keys and values, ring records, settings.
 * Plain C, included by the BPF programs and by the daemon; the layout is the protocol, so sizes
 * are asserted. Bump CAPMON_LAYOUT_VERSION with every change.
 *
 * The truth is the counters: every check adds to exactly one capmon_check_counts. The ring only
 * explains them (process and stack), so a lost record costs detail and never a count.
 */
#pragma once

#ifndef CAPMON_BPF_SIDE
#include <linux/types.h>
#endif
#ifdef __cplusplus
#define CAPMON_ASSERT_SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#else
#define CAPMON_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
#endif

#define CAPMON_LAYOUT_VERSION 9
#define CAPMON_COMM_LEN 16
#define CAPMON_NAME_LEN 64
#define CAPMON_PATH_LEN 256
#define CAPMON_CGROUP_PATH_LEN 1024 /* the kernel's own limit when it reports one */
#define CAPMON_SHORT_PATH_LEN 208    /* holds almost every path; a short record takes less room */
#define CAPMON_MAX_FRAMES 24
#define CAPMON_STACK_WORDS 56 /* words copied from above the hook, to learn frame sizes from */
#define CAPMON_NO_SYSCALL 0xffff

/* capmon_check_key.traits */
enum capmon_trait {
	CAPMON_OPTIONS_KNOWN = 1 << 0, /* the back end saw the option bits; else the next two are 0 */
	CAPMON_NO_AUDIT = 1 << 1,
	CAPMON_IN_SET_ID = 1 << 2,
	CAPMON_HELD = 1 << 3,          /* the bit is in the task's own effective set (real_cred) */
	CAPMON_CRED_OVERRIDDEN = 1 << 4, /* current->cred != current->real_cred: overlayfs, access(2) ... */
	CAPMON_CRED_OTHER = 1 << 5,    /* checked credentials are neither: a file's or another task's */
	CAPMON_IO_WORKER = 1 << 6,     /* io_uring worker: the system call number is stale */
	CAPMON_COMPAT = 1 << 7,        /* 32-bit system call table */
	CAPMON_COLLAPSED = 1 << 8,     /* its owner was over quota: site, exe, syscall are unset, and the
	                                  cgroup is the owner */
	CAPMON_HARMLESS = 1 << 9,      /* by its operands, the call needed no capability */
	CAPMON_PROTECTS = 1 << 10,     /* the call succeeds without, but leaves a way back to old ids */
	CAPMON_BY_OWNERSHIP = 1 << 11, /* granted because the task owns the user namespace: no bit needed */
	CAPMON_CRED_OWN = 1 << 12,     /* other credentials, but with no more than the container's own sets */
};

/* Where the running executable comes from: the mount namespace that owns its mount. */
enum capmon_exe_origin {
	CAPMON_EXE_UNKNOWN = 0,   /* no mm, or not readable */
	CAPMON_EXE_HOST = 1,      /* the initial mount namespace */
	CAPMON_EXE_NONE = 2,      /* memfd, or a detached mount */
	CAPMON_EXE_OWN = 3,       /* the task's own mount namespace, and not the host's */
	CAPMON_EXE_ELSEWHERE = 4, /* some third namespace */
	CAPMON_EXE_MEMORY = 5,    /* as NONE, but the task is the container's own (lineage.bpf.h) */
	CAPMON_EXE_OUTSIDE = 6,   /* as HOST, but the task is the container's own */
};

/*
 * Which results are seen where the end of a call is awaited, of one kind of check on one CPU: the first
 * ones; so many while none of them says that the capability is needed; after that one of so many.
 */
#define CAPMON_SETTLED_OF_EACH 16
#define CAPMON_SETTLED_AT_FIRST 1024
#define CAPMON_SETTLED_LATER 1024

/* One kind of check in one cgroup. */
struct capmon_check_key {
	__u64 cgroup_id;
	__u64 site;    /* return address into the kernel function that asked; 0: not known */
	__u32 exe;     /* number of the running executable's file; 0 for set-aside noise */
	__u16 syscall; /* number in the task's table, or CAPMON_NO_SYSCALL */
	__u16 traits;  /* enum capmon_trait */
	__u8 capability;
	__u8 granted;
	__u8 exe_origin;   /* enum capmon_exe_origin */
	__u8 target_level; /* depth of the user namespace checked against; 0 is the initial one */
	__u8 cred_depth;   /* of the user namespace the checked credentials are of, plus 1; 0: not known */
	__u8 unused[3];
};
CAPMON_ASSERT_SIZE(capmon_check_key, 32);

/* Per CPU. Outcomes are counted only while capmond learns (a sys_exit program is attached then). */
struct capmon_check_counts {
	__u64 count;
	__u64 succeeded; /* the system call returned >= 0 */
	__u64 failed;
	__u64 errnos;    /* bit N: failed with errno N; bit 63: any errno above 62; bit 0: the call was an
			    empty netlink request, which fails and changes nothing */
	__u64 owner;     /* set on the CPU that made the counter: the owner of its quota */
};
CAPMON_ASSERT_SIZE(capmon_check_counts, 40);

#define CAPMON_QUESTION 1ULL /* in errnos */

enum capmon_record_kind {
	CAPMON_RECORD_CHECK = 1,
	CAPMON_RECORD_CGROUP_MADE = 2,
	CAPMON_RECORD_CGROUP_REMOVED = 3,
	CAPMON_RECORD_EXEC = 4,
	CAPMON_RECORD_CAPSET = 5,
	CAPMON_RECORD_EXEC_REFUSED = 6,
	CAPMON_RECORD_CALL = 7,
};

struct capmon_record_header {
	__u32 kind;
	__u32 unused;
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u64 cgroup_id;
	__u64 owner;   /* of the cgroup: see capmon_owner */
	__u32 pid;     /* thread group id, initial pid namespace */
	__u32 tid;
};
CAPMON_ASSERT_SIZE(capmon_record_header, 40);

/* A new key's record is emitted before its first check is counted; after so long that is certain. */
#define CAPMON_SETTLES_NS 10000000ULL

/* First sight of a key, and again whenever its count reaches a power of two. */
struct capmon_check_record {
	struct capmon_record_header header;
	struct capmon_check_key key;
	__u32 uid;
	__s32 frame_bytes; /* bytes of frames filled in, or negative errno */
	char comm[CAPMON_COMM_LEN];
	char binary[CAPMON_NAME_LEN]; /* last path component of the running executable */
	__u64 frames[CAPMON_MAX_FRAMES];
	__u64 stack[CAPMON_STACK_WORDS];
};
CAPMON_ASSERT_SIZE(capmon_check_record, 40 + 32 + 8 + 16 + 64 + 8 * 24 + 8 * 56);

struct capmon_cgroup_record {
	struct capmon_record_header header; /* cgroup_id: the cgroup made or removed */
	char path[CAPMON_CGROUP_PATH_LEN];
};
CAPMON_ASSERT_SIZE(capmon_cgroup_record, 40 + 1024);

/* The same for a path that fits. */
struct capmon_short_cgroup_record {
	struct capmon_record_header header;
	char path[CAPMON_SHORT_PATH_LEN];
};
CAPMON_ASSERT_SIZE(capmon_short_cgroup_record, 40 + 208);

struct capmon_exec_record {
	struct capmon_record_header header;
	__u64 permitted_before; /* valid when before_known */
	__u64 permitted;
	__u64 effective;
	__u64 inheritable;
	__u64 bounding;
	__u64 ambient;
	__u32 uid_before;
	__u32 uid; /* real, after */
	__u32 euid_before;
	__u32 euid;
	__u32 exe;
	__u32 unprivileged_port_start; /* of the task's network namespace, like the next two */
	__u32 ping_group_low;
	__u32 ping_group_high;
	__u8 before_known;
	__u8 no_new_privs;
	__u8 seccomp_mode;
	__u8 userns_level;
	__u8 exe_origin;
	__u8 secure_exec;
	__u8 setid_file; /* the file carries a set-user-ID or set-group-ID bit */
	__u8 net_known;  /* the three network settings above were readable */
	__u64 inode;            /* of the executable; `exe` is made of it and more */
	__u64 file_permitted;   /* the file's own capabilities, valid when file_known, like the next two */
	__u64 file_inheritable;
	__u8 file_effective;
	__u8 file_known;
	__u8 unused[2];
	__u32 arguments;        /* of what the program was given: only compared; 0: not known */
	char comm[CAPMON_COMM_LEN];
	char path[CAPMON_PATH_LEN]; /* as given to execve */
};
CAPMON_ASSERT_SIZE(capmon_exec_record, 40 + 48 + 20 + 12 + 8 + 32 + 16 + 256);

/*
 * The same, of the same kind, where the file's own capabilities are not known: and so where the file is.
 * The path as given leads to it only from the root of the task, which may be gone.
 */
#define CAPMON_STEPS_LEN 384
#define CAPMON_STEP_LEN 128 /* longer names are not reported; a path's last step begins before 256 */
#define CAPMON_MAX_STEPS 32

struct capmon_located_exec_record {
	struct capmon_exec_record exec;
	__u32 device;     /* of its file system, as the kernel keeps the number */
	__u16 steps_len;  /* bytes of steps filled in; 0: not known */
	__u16 unused;
	char steps[CAPMON_STEPS_LEN]; /* from the file up to the root of its file system, each with a NUL */
};
CAPMON_ASSERT_SIZE(capmon_located_exec_record, 432 + 8 + 384);

/* While learning: execve(2) or execveat(2) failed with EPERM. */
struct capmon_exec_refused_record {
	struct capmon_record_header header;
	__u64 bounding;
	__u32 uid;
	__u32 unused;
	char comm[CAPMON_COMM_LEN];
	char path[CAPMON_PATH_LEN]; /* as given */
};
CAPMON_ASSERT_SIZE(capmon_exec_refused_record, 40 + 16 + 16 + 256);

/* While learning: a task under a seccomp filter made one of the watched calls. */
struct capmon_call_record {
	struct capmon_record_header header;
	__u16 syscall;
	__u8 compat;
	__u8 refused; /* it failed with EPERM or ENOSYS, as filters refuse */
	__u32 uid;
	char comm[CAPMON_COMM_LEN];
};
CAPMON_ASSERT_SIZE(capmon_call_record, 40 + 8 + 16);

/*
 * While learning: capset(2), or prctl(2) raising an ambient capability. The sets are those the task
 * has now; where it was refused, those it asked for.
 */
struct capmon_capset_record {
	struct capmon_record_header header;
	__u64 permitted;
	__u64 effective;
	__u64 inheritable;
	__u64 ambient;
	__u64 had; /* refused: its permitted and inheritable sets together */
	__u8 exe_origin; /* enum capmon_exe_origin */
	__u8 refused;
	__u8 looked; /* this program called capget(2) for its sets before */
	__u8 raises; /* an ambient capability was raised; else it was capset(2) */
	__u8 userns_level;
	__u8 unused[3];
	char comm[CAPMON_COMM_LEN];
};
CAPMON_ASSERT_SIZE(capmon_capset_record, 40 + 40 + 8 + 16);

/* How a watched system call is looked at: its number plus one, and a condition. */
#define CAPMON_WATCHED_CALLS 512
#define CAPMON_WATCH_NUMBER 0x3f
#define CAPMON_WATCH_NAMESPACES 0x80 /* only with flags for new namespaces */
#define CAPMON_WATCH_CLONE_ARGS 0x40 /* likewise; the flags are behind the first argument */

/*
 * How to find the call site without unwinding. Above the hook's base address the frames of
 * cap_capable() and its wrappers always have the same sizes, so their return addresses sit in known
 * slots. capmond learns the slots from unwound stacks; the kernel side uses them only while the
 * anchor (a return address into cap_capable itself) is where it was.
 */
struct capmon_stack_layout {
	__u64 anchor;        /* 0: the hook has none to check */
	__u32 anchor_offset; /* bytes above the base */
	__u32 caller_offset; /* slot with the return address into cap_capable's caller */
	__u32 known;
	__u32 multiplier;    /* of the frame table's hash: chosen so that no two entries collide */
};
CAPMON_ASSERT_SIZE(capmon_stack_layout, 24);

#define CAPMON_FRAME_SLOTS 256
#define CAPMON_FRAME_SLOT(address, multiplier) ((__u32)((__u32)(address) * (multiplier)) >> 24)
#define CAPMON_FRAME_QUIET 1 /* made for no process: count it without system call and binary */

/* A return address into a wrapper, and how far above it the next return address is. */
struct capmon_frame {
	__u64 address;
	__u32 size;
	__u32 flags;
};
CAPMON_ASSERT_SIZE(capmon_frame, 16);

/* Written by capmond, read by every program. */
struct capmon_settings {
	__u32 own_tgid;       /* capmond: its own checks are not counted */
	__u32 probed_tgid;    /* the self-test: reported in full, not counted */
	__u64 host_mnt_ns;    /* address of the initial mount namespace, only compared */
	__u32 keys_per_owner;
	__u32 watch_outcomes;   /* 0: no; else the number of this watch, to tell old from new */
	__u32 registers_offset; /* of the saved user registers, above task->stack */
	__u32 epoch;            /* grows whenever room in the ring was given back */
	__u64 exe_salt;         /* random: a container cannot look for a file with a certain number */
	__u64 own_start;        /* when capmond started: a number is used again, both are not */
	__u32 reader_tgid;      /* the child whose children read files for capmond; 0: none */
	__u32 unused;
	struct capmon_stack_layout layout;
};
CAPMON_ASSERT_SIZE(capmon_settings, 80);

/*
 * What pinned programs and maps are, so that another capmond can see whether they
 * are like its own. The first two members never change their place.
 */
struct capmon_generation {
	__u32 layout_version;
	__u32 unused;
	__u64 fingerprint; /* programs and maps with equal fingerprints are interchangeable */
	__u64 id;       /* random */
	__s64 made;     /* nanoseconds since 1970; it has counted from then on */
};
CAPMON_ASSERT_SIZE(capmon_generation, 32);

/* Why something could not be kept; index of the `losses` counters. */
enum capmon_loss {
	CAPMON_LOSS_MAP_FULL = 0,     /* no room for a new key: the check is not counted at all */
	CAPMON_LOSS_KEY_QUOTA = 1,    /* counted, but without site, binary and system call */
	CAPMON_LOSS_RING_CHECK = 2,   /* first sight not reported: the count stands */
	CAPMON_LOSS_RING_CGROUP = 3,  /* a cgroup was made */
	CAPMON_LOSS_RING_EXEC = 4,
	CAPMON_LOSS_IN_FLIGHT = 5,    /* kprobe back end: no room between entry and return */
	CAPMON_LOSS_OUTCOME = 6,      /* learning: no memory, or more checks in one system call than can be paired */
	CAPMON_LOSS_RING_CALL = 7,    /* a watched call: it is reported when it is made again */
	CAPMON_LOSS_RING_CAPSET = 8,
	CAPMON_LOSS_RING_REMOVED = 9, /* a cgroup was removed */
	CAPMON_LOSS_LEFT_CGROUP = 10, /* a task moved out of the owner: its checks are charged elsewhere */
	CAPMON_LOSS_CAUSES = 11,
};

/* What capmond knows of a cgroup, by its path. */
enum capmon_place {
	CAPMON_PLACE_GROUP = 1,     /* only groups others: a slice, a runtime's parent */
	CAPMON_PLACE_CONTAINER = 2, /* a container's own */
};

/*
 * Who pays for a cgroup's counters and ring records: the outermost cgroup on the way to it that is
 * not merely a group of others, so a container with all that is nested in it. Entry 0 stands for
 * those that found no room in the map of owners.
 */
struct capmon_owner {
	__u32 keys;       /* counters it has, */
	__u32 collapsed;  /* and those among them that are collapsed */
	__u32 epoch;      /* capmond's, when ring_bytes was 0 last */
	__u32 ring_bytes; /* reserved since */
	__u64 losses[CAPMON_LOSS_CAUSES];
	__u64 reads;      /* of data from TCP connections, while capmond waits for use */
};
CAPMON_ASSERT_SIZE(capmon_owner, 16 + 8 * 11 + 8);

#define CAPMON_MIN_KEYS 64        /* an owner may always have so many */
#define CAPMON_COLLAPSED_KEYS 128 /* so many are told apart by traits, origin and namespace level */
#define CAPMON_MAX_OWNERS 16384
#define CAPMON_MAX_GROUPS 32768 /* and containers */
