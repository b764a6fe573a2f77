#include <uapi/linux/bpf.h>
#include <linux/in.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
BPF_TABLE("percpu_array", uint32_t, long, dropcnt, 256);
int xdp_prog(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct tcphdr *tcp = (void *)(ip + 1);
	uint32_t index;
	long *value;
	if ((void *)(tcp + 1) > end || eth->h_proto != htons(ETH_P_IP) || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	index = ip->ihl + tcp->syn + sizeof(struct vlan_hdr) + sizeof(struct ipv6hdr);
	value = dropcnt.lookup(&index);
	if (value)
		lock_xadd(value, 1);
	return tcp->dest == __constant_htons(80) ? XDP_DROP : XDP_PASS;
}
