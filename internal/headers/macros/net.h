/* Address families and levels of sockets: in include/linux/socket.h, which is not part of the user interface. */
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_LOCAL 1
#define AF_INET 2
#define AF_BRIDGE 7
#define AF_INET6 10
#define AF_KEY 15
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_RDS 21
#define AF_TIPC 30
#define AF_BLUETOOTH 31
#define AF_ALG 38
#define AF_VSOCK 40
#define AF_XDP 44
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_LOCAL AF_LOCAL
#define PF_INET AF_INET
#define PF_INET6 AF_INET6
#define PF_NETLINK AF_NETLINK
#define PF_PACKET AF_PACKET
#define SCM_RIGHTS 0x01
#define SCM_CREDENTIALS 0x02
#define SOL_IP 0
#define SOL_TCP 6
#define SOL_UDP 17
#define SOL_IPV6 41
#define SOL_RAW 255
#define SOL_PACKET 263
#define SOL_NETLINK 270
#define MSG_OOB 1
#define MSG_PEEK 2
#define MSG_DONTROUTE 4
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_WAITALL 0x100
#define MSG_NOSIGNAL 0x4000
#define MSG_MORE 0x8000
#define XDP_PACKET_HEADROOM 256

/* The kernel's socket.h gives the user interface's type a shorter name. */
#if !has(struct sockaddr_storage)
#define sockaddr_storage __kernel_sockaddr_storage
#endif

/* From a socket to the larger struct that it is part of. */
#define inet_sk(ptr) container_of(ptr, struct inet_sock, sk)
#define inet_csk(ptr) container_of(ptr, struct inet_connection_sock, icsk_inet.sk)
#define inet_rsk(ptr) container_of(ptr, struct inet_request_sock, req)
#define inet6_sk(sk) (inet_sk(sk)->pinet6)
#define tcp_sk(ptr) container_of(ptr, struct tcp_sock, inet_conn.icsk_inet.sk)
#define tcp_rsk(ptr) ((struct tcp_request_sock *)(ptr))
#define udp_sk(ptr) container_of(ptr, struct udp_sock, inet.sk)
#define unix_sk(ptr) container_of(ptr, struct unix_sock, sk)
#define sock_net(sk) ((sk)->__sk_common.skc_net.net)

/* Packets. */
#define skb_network_header(skb) ((skb)->head + (skb)->network_header)
#define skb_transport_header(skb) ((skb)->head + (skb)->transport_header)
#define skb_mac_header(skb) ((skb)->head + (skb)->mac_header)
#define skb_get_rx_queue(skb) ((u16)((skb)->queue_mapping - 1))
#define skb_rx_queue_recorded(skb) ((skb)->queue_mapping != 0)
#define skb_shinfo(skb) ((struct skb_shared_info *)((skb)->head + (skb)->end))
#define ip_hdr(skb) ((struct iphdr *)skb_network_header(skb))
#define ipv6_hdr(skb) ((struct ipv6hdr *)skb_network_header(skb))
#define tcp_hdr(skb) ((struct tcphdr *)skb_transport_header(skb))
#define udp_hdr(skb) ((struct udphdr *)skb_transport_header(skb))
#define eth_hdr(skb) ((struct ethhdr *)skb_mac_header(skb))
#define TCP_SKB_CB(skb) ((struct tcp_skb_cb *)&((skb)->cb[0]))
