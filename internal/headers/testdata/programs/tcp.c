#include <uapi/linux/ptrace.h>
#include <net/sock.h>
#include <net/inet_sock.h>
#include <linux/tcp.h>
#include <bcc/proto.h>
struct ipv4_key_t { u32 pid, saddr, daddr; u16 lport, dport; };
BPF_HASH(send_bytes, struct ipv4_key_t);
BPF_HASH(currsock, u32, struct sock *);
int trace_connect(struct pt_regs *ctx, struct sock *sk, struct msghdr *msg, size_t size)
{
	struct inet_sock *inet = inet_sk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct ipv4_key_t key = {.pid = bpf_get_current_pid_tgid() >> 32};
	unsigned __int128 addr6 = 0;
	u64 zero = 0, *val;
	u32 tid = bpf_get_current_pid_tgid();
	if (sk->sk_family == AF_INET6)
		bpf_probe_read_kernel(&addr6, sizeof(addr6), sk->__sk_common.skc_v6_daddr.in6_u.u6_addr32);
	key.saddr = sk->sk_rcv_saddr;
	key.daddr = sk->__sk_common.skc_daddr;
	key.lport = inet->inet_sport;
	key.dport = ntohs(sk->sk_dport);
	val = send_bytes.lookup_or_try_init(&key, &zero);
	if (val && sk->sk_state == TCP_ESTABLISHED)
		(*val) += size + tp->srtt_us + (addr6 != 0) + msg->msg_iter.count;
	currsock.update(&tid, &sk);
	return 0;
}
