/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Netlink requests that only ask what the kernel knows. iproute2 sends an empty RTM_NEWLINK, which
 * names no link and changes nothing, and reads from the error whether the kernel knows that type.
 * CAP_NET_ADMIN is checked all the same.
 *
 * The kernel answers while the sender is still in its system call, and the answer repeats the request.
 * Read here from the kernel's own copy, when it is queued, by the sending task: the program's memory
 * may change at any time, and another process may share the socket.
 */
#pragma once

#include "check.bpf.h"
#include "pending.bpf.h"

#define CAP_NET_ADMIN 12

enum { SENDTO = __NR_sendto, SENDMSG = __NR_sendmsg };

/* linux/netlink.h: struct nlmsghdr */
struct netlink_header {
	__u32 length;
	__u16 type;
	__u16 flags;
	__u32 sequence;
	__u32 port;
};

/* The answer: its header, the error, and the whole request. */
struct link_answer {
	struct netlink_header header;
	__s32 error;
	struct netlink_header request;
	__u32 link[4]; /* struct ifinfomsg: family and type, index, flags, which flags to change */
};

#define EMPTY_REQUEST_BYTES (sizeof(struct netlink_header) + sizeof(((struct link_answer *)0)->link))

static __always_inline bool answers_empty_request(const struct sk_buff *message)
{
	struct link_answer answer = {};

	if (bpf_probe_read_kernel(&answer, sizeof(answer), BPF_CORE_READ(message, data)))
		return false;
	return answer.header.type == NLMSG_ERROR && answer.header.length == sizeof(answer) &&
	       answer.error && answer.request.type == RTM_NEWLINK &&
	       answer.request.length == EMPTY_REQUEST_BYTES && !answer.link[0] && !answer.link[1] &&
	       !answer.link[2] && !answer.link[3];
}

static __always_inline bool comes_from_kernel(const struct sk_buff *message)
{
	const void *control = message;
	__u32 sender = 1;

	control += bpf_core_field_offset(message->cb) +
		   bpf_core_field_offset(struct netlink_skb_parms, portid);
	return !bpf_probe_read_kernel(&sender, sizeof(sender), control) && !sender;
}

/* A message was queued at a socket, while this task runs. */
static __always_inline void notice_answer(struct sock *socket)
{
	struct pending_checks *waiting;
	struct sk_buff *message;

	if (socket->__sk_common.skc_family != AF_NETLINK ||
	    socket->sk_protocol != NETLINK_ROUTE)
		return;
	waiting = pending_of_current();
	if (!waiting || !waiting->count ||
	    (waiting->keys[0].syscall != SENDTO && waiting->keys[0].syscall != SENDMSG))
		return;
	message = BPF_CORE_READ(socket, sk_receive_queue.prev);
	if (message == (void *)&socket->sk_receive_queue)
		return; /* another thread has read it already */
	if (comes_from_kernel(message) && answers_empty_request(message))
		waiting->question = 1;
}
