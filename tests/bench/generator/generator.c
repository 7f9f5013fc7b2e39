// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sends the packets of a file through a network device and says how long it
 * took. pktgen would draw addresses at random from one contiguous range; here
 * the file says which, so that every contender gets the same packets and a
 * packet's verdict is known beforehand.
 *
 *	exec 3<>/proc/generator
 *	echo 'FILE DEVICE GATEWAY PASSES same|fresh [FIRST]' >&3
 *	cat <&3
 *
 * FILE holds IPv4 or IPv6 packets of one length, one after the other, without
 * link-layer headers; DEVICE is one of the network namespace that the generator
 * was opened in; GATEWAY the link-layer address to send to. The answer has a line
 * for each pass, "packets nanoseconds failed". "fresh" makes each pass begin with
 * the last byte of the source address one higher than the pass before, and the
 * first pass with FIRST more than the file says, so that all its connections are
 * new; with "same" those of the second pass are established.
 *
 * Writers on different processors send in parallel.
 */
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/kernel_read_file.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#define REQUEST_MAX 512
#define ANSWER_MAX PAGE_SIZE

/* Packets until others get the CPU; well below net.core.netdev_max_backlog. */
#define RESCHEDULE_EVERY 64

/**
 * struct run - what one writer asked for
 * @net: where the file was opened, held
 * @lock: one request at a time for an open file
 * @packets: the file
 * @length: bytes of one packet
 * @count: packets
 * @device: held
 * @gateway: destination of the Ethernet header
 * @answer: text for the reader
 * @answered: bytes in @answer
 */
struct run {
	struct net *net;
	struct mutex lock; /* guards all below */
	u8 *packets;
	size_t length;
	size_t count;
	struct net_device *device;
	u8 gateway[ETH_ALEN];
	char *answer;
	size_t answered;
};

static size_t packet_length(const u8 *packet, size_t available)
{
	if (available >= sizeof(struct iphdr) && packet[0] >> 4 == 4)
		return ntohs(((const struct iphdr *)packet)->tot_len);
	if (available >= sizeof(struct ipv6hdr) && packet[0] >> 4 == 6)
		return sizeof(struct ipv6hdr) +
		       ntohs(((const struct ipv6hdr *)packet)->payload_len);
	return 0;
}

static int send(const struct run *run, const u8 *packet)
{
	__be16 protocol = htons(packet[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	struct sk_buff *skb;

	skb = alloc_skb(LL_RESERVED_SPACE(run->device) + run->length, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, LL_RESERVED_SPACE(run->device));
	skb_reset_network_header(skb);
	skb_put_data(skb, packet, run->length);
	skb->dev = run->device;
	skb->protocol = protocol;
	eth_header(skb, run->device, ntohs(protocol), run->gateway, run->device->dev_addr,
		   run->length);
	skb_reset_mac_header(skb);
	return dev_queue_xmit(skb);
}

static void make_fresh(const struct run *run, u8 by)
{
	size_t i;

	for (i = 0; i < run->count; i++) {
		u8 *packet = run->packets + i * run->length;

		if (packet[0] >> 4 == 4) {
			packet[offsetof(struct iphdr, saddr) + 3] += by;
			ip_send_check((struct iphdr *)packet);
		} else {
			packet[offsetof(struct ipv6hdr, saddr) + 15] += by;
		}
		if (!(i % 4096))
			cond_resched();
	}
}

/* A packet is through when it is sent, unless ksoftirqd has taken over: then it
 * gets the CPU, so that no queue overflows and none is left over in the end.
 */
static void let_through(void)
{
	cond_resched();
	while (local_softirq_pending() & BIT(NET_RX_SOFTIRQ))
		yield();
}

static void one_pass(struct run *run)
{
	size_t i, failed = 0;
	u64 began, ended;

	began = ktime_get_ns();
	for (i = 0; i < run->count; i++) {
		if (send(run, run->packets + i * run->length))
			failed++;
		if (!(i % RESCHEDULE_EVERY))
			let_through();
	}
	let_through();
	ended = ktime_get_ns();
	run->answered += scnprintf(run->answer + run->answered, ANSWER_MAX - run->answered,
				   "%zu %llu %zu\n", run->count, ended - began, failed);
}

static int passes(struct run *run, const char *file, unsigned int count, bool fresh, u8 first)
{
	void *content = NULL;
	unsigned int pass;
	ssize_t size;
	int err = 0;

	size = kernel_read_file_from_path(file, 0, &content, INT_MAX, NULL, READING_UNKNOWN);
	if (size < 0)
		return size;
	run->packets = content;
	run->length = packet_length(run->packets, size);
	if (!run->length || size % run->length) {
		err = -EINVAL;
		goto free_content;
	}
	run->count = size / run->length;
	run->answered = 0;
	for (pass = 0; pass < count; pass++) {
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			break;
		}
		if (fresh)
			make_fresh(run, pass ? 1 : first);
		one_pass(run);
	}
free_content:
	vfree(content);
	run->packets = NULL;
	return err;
}

static int run_request(struct run *run, char *request)
{
	char *file = strsep(&request, " ");
	char *device = strsep(&request, " ");
	char *gateway = strsep(&request, " ");
	char *count = strsep(&request, " ");
	char *kind = strsep(&request, " ");
	unsigned int pass_count;
	bool fresh;
	u8 first = 0;
	int err;

	if (!kind || kstrtouint(count, 10, &pass_count) || !mac_pton(gateway, run->gateway))
		return -EINVAL;
	if (request && kstrtou8(request, 10, &first))
		return -EINVAL;
	fresh = !strcmp(kind, "fresh");
	if (!fresh && strcmp(kind, "same"))
		return -EINVAL;
	run->device = dev_get_by_name(run->net, device);
	if (!run->device)
		return -ENODEV;
	err = passes(run, file, pass_count, fresh, first);
	dev_put(run->device);
	run->device = NULL;
	return err;
}

static ssize_t generator_write(struct file *file, const char __user *from, size_t size,
			       loff_t *position)
{
	struct run *run = file->private_data;
	char *request;
	int err;

	if (size > REQUEST_MAX)
		return -EINVAL;
	request = memdup_user_nul(from, size);
	if (IS_ERR(request))
		return PTR_ERR(request);
	err = mutex_lock_interruptible(&run->lock);
	if (!err) {
		err = run_request(run, strim(request));
		mutex_unlock(&run->lock);
	}
	kfree(request);
	return err ? err : size;
}

static ssize_t generator_read(struct file *file, char __user *to, size_t size,
			      loff_t *position)
{
	struct run *run = file->private_data;
	loff_t from = 0;
	ssize_t copied;
	int err;

	err = mutex_lock_interruptible(&run->lock);
	if (err)
		return err;
	/* The position counts what was written too; each answer is read once. */
	copied = simple_read_from_buffer(to, size, &from, run->answer, run->answered);
	if (copied > 0) {
		memmove(run->answer, run->answer + copied, run->answered - copied);
		run->answered -= copied;
	}
	mutex_unlock(&run->lock);
	return copied;
}

static int generator_open(struct inode *inode, struct file *file)
{
	struct run *run = kzalloc(sizeof(*run), GFP_KERNEL);

	if (!run)
		return -ENOMEM;
	run->answer = kmalloc(ANSWER_MAX, GFP_KERNEL);
	if (!run->answer) {
		kfree(run);
		return -ENOMEM;
	}
	run->net = get_net(current->nsproxy->net_ns);
	mutex_init(&run->lock);
	file->private_data = run;
	return 0;
}

static int generator_release(struct inode *inode, struct file *file)
{
	struct run *run = file->private_data;

	put_net(run->net);
	kfree(run->answer);
	kfree(run);
	return 0;
}

static const struct proc_ops generator_ops = {
	.proc_open = generator_open,
	.proc_read = generator_read,
	.proc_write = generator_write,
	.proc_release = generator_release,
	.proc_lseek = noop_llseek,
};

static int __init generator_init(void)
{
	return proc_create("generator", 0600, NULL, &generator_ops) ? 0 : -ENOMEM;
}

static void __exit generator_exit(void)
{
	remove_proc_entry("generator", NULL);
}

module_init(generator_init);
module_exit(generator_exit);
MODULE_DESCRIPTION("Packet generator for benchmarks");
MODULE_LICENSE("GPL");
