// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/*
 * Other designs on the hook of a check, as small as they can be: a record for each check through
 * a ring buffer or a perf buffer, optionally with the kernel stack; and one record for each system
 * call that made a check, paired through a map at its begin and its end.
 */
#include "../../bpf/kernel_types.bpf.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

enum {
	STACK_TRACE = 7,
	PERF_EVENT_ARRAY = 4,
	STACK_FRAMES = 32,
	RING_BYTES = 8 << 20,
	CALLS = 10240,
};
#define BPF_F_CURRENT_CPU 0xffffffffULL

struct peer_record {
	__u64 time;
	__u64 pid_tgid;
	__u64 cgroup;
	__u32 uid;
	__u32 capability;
	__s32 stack;
	__s32 result;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} ring SEC(".maps");

struct {
	__uint(type, PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} perf SEC(".maps");

struct {
	__uint(type, STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, STACK_FRAMES * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CALLS);
	__type(key, __u64);
	__type(value, struct peer_record);
} calls SEC(".maps");

const volatile bool with_stack;
const volatile __u64 ring_flags;

static __always_inline void fill(struct peer_record *record, void *ctx, __u64 capability)
{
	record->time = bpf_ktime_get_ns();
	record->pid_tgid = bpf_get_current_pid_tgid();
	record->cgroup = bpf_get_current_cgroup_id();
	record->uid = (__u32)bpf_get_current_uid_gid();
	record->capability = (__u32)capability;
	record->stack = with_stack ? (__s32)bpf_get_stackid(ctx, &stacks, 0) : 0;
	record->result = 0;
	bpf_get_current_comm(record->comm, sizeof(record->comm));
}

static __always_inline int to_ring(void *ctx, __u64 capability)
{
	struct peer_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);

	if (!record)
		return 0;
	fill(record, ctx, capability);
	bpf_ringbuf_submit(record, ring_flags);
	return 0;
}

static __always_inline int to_perf(void *ctx, __u64 capability)
{
	struct peer_record record;

	fill(&record, ctx, capability);
	bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &record, sizeof(record));
	return 0;
}

static __always_inline int to_call(void *ctx, __u64 capability)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct peer_record *call = bpf_map_lookup_elem(&calls, &task);

	if (call)
		fill(call, ctx, capability);
	return 0;
}

/* The capability is the third argument of cap_capable, and the fourth of the tracepoint. */
SEC("?fexit/cap_capable")
int ring_fexit(__u64 *ctx)
{
	return to_ring(ctx, ctx[2]);
}

SEC("?tp_btf/cap_capable")
int ring_tp_btf(__u64 *ctx)
{
	return to_ring(ctx, ctx[3]);
}

SEC("?fexit/cap_capable")
int perf_fexit(__u64 *ctx)
{
	return to_perf(ctx, ctx[2]);
}

SEC("?tp_btf/cap_capable")
int perf_tp_btf(__u64 *ctx)
{
	return to_perf(ctx, ctx[3]);
}

SEC("?fexit/cap_capable")
int call_fexit(__u64 *ctx)
{
	return to_call(ctx, ctx[2]);
}

SEC("?tp_btf/cap_capable")
int call_tp_btf(__u64 *ctx)
{
	return to_call(ctx, ctx[3]);
}

SEC("?tp_btf/sys_enter")
int call_begins(__u64 *ctx)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct peer_record none = {};

	bpf_map_update_elem(&calls, &task, &none, BPF_ANY);
	return 0;
}

SEC("?tp_btf/sys_exit")
int call_ends(__u64 *ctx)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct peer_record *call = bpf_map_lookup_elem(&calls, &task);

	if (!call)
		return 0;
	if (call->time) {
		call->result = (__s32)ctx[1];
		bpf_ringbuf_output(&ring, call, sizeof(*call), ring_flags);
	}
	bpf_map_delete_elem(&calls, &task);
	return 0;
}
