// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
/* The floor of each hook: a program that does nothing. */
#include "../../bpf/kernel_types.bpf.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("?tp_btf/cap_capable")
int empty_tp_btf(void *ctx)
{
	return 0;
}

SEC("?fexit/cap_capable")
int empty_fexit(void *ctx)
{
	return 0;
}

SEC("?kprobe/cap_capable")
int empty_kprobe(void *ctx)
{
	return 0;
}

SEC("?tp_btf/sys_exit")
int empty_sys_exit(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_exit")
int empty_raw_sys_exit(void *ctx)
{
	return 0;
}
