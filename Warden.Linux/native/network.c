/* Interfaces are set up by the ioctls of netdevice(7): they need no more of the kernel than a container has. */
#include "network.h"
#include "cleanup.h"
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct ifreq request_for(const char *interface)
{
	struct ifreq request = { 0 };

	memcpy(request.ifr_name, interface, strlen(interface) + 1);
	return request;
}

static void set_address(struct sockaddr *to, struct in_addr address)
{
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_addr = address };

	memcpy(to, &internet, sizeof internet);
}

static int switch_on(int socket, const char *interface, struct failure *why)
{
	struct ifreq request = request_for(interface);

	if (ioctl(socket, SIOCGIFFLAGS, &request) < 0)
		return fail_errno(why, interface, "find the container's interface");
	request.ifr_flags |= IFF_UP;
	if (ioctl(socket, SIOCSIFFLAGS, &request) < 0)
		return fail_errno(why, interface, "switch on the container's interface");
	return 0;
}

static int set_up_interface(int socket, const struct config *config, struct failure *why)
{
	struct ifreq request = request_for(config->interface);
	struct in_addr mask = { .s_addr = htonl(config->prefix == 0 ? 0 : UINT32_MAX << (32 - config->prefix)) };

	request.ifr_mtu = (int)config->mtu;
	if (ioctl(socket, SIOCSIFMTU, &request) < 0)
		return fail_errno(why, config->interface, "set the MTU to %u", config->mtu);
	request = request_for(config->interface);
	set_address(&request.ifr_addr, config->address);
	if (ioctl(socket, SIOCSIFADDR, &request) < 0)
		return fail_errno(why, config->interface, "set the container's address");
	request = request_for(config->interface);
	set_address(&request.ifr_netmask, mask);
	if (ioctl(socket, SIOCSIFNETMASK, &request) < 0)
		return fail_errno(why, config->interface, "set the container's network mask");
	return switch_on(socket, config->interface, why);
}

static int add_default_route(int socket, const struct config *config, struct failure *why)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = (char *)config->interface };
	const struct in_addr any = { .s_addr = INADDR_ANY };

	set_address(&route.rt_dst, any);
	set_address(&route.rt_genmask, any);
	set_address(&route.rt_gateway, config->gateway);
	if (ioctl(socket, SIOCADDRT, &route) < 0)
		return fail_errno(why, config->interface, "set the container's default route");
	return 0;
}

static int write_setting(const char *path, const char *value, struct failure *why)
{
	cleanup_close int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 && errno == ENOENT)
		return 0;
	if (file < 0 || write(file, value, strlen(value)) < 0)
		return fail_errno(why, path, "set in the container what is");
	return 0;
}

int network_configure(const struct config *config, struct failure *why)
{
	cleanup_close int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char path[96];

	if (socket_fd < 0)
		return fail_errno(why, NULL, "open a socket in the container");
	/* The protocol's addresses and rules are of version 4: an address that the kernel gives by itself would go past them. */
	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", config->interface);
	if (write_setting(path, "1", why) < 0 || write_setting("/proc/sys/net/ipv4/ping_group_range", "0 2147483647", why) < 0)
		return -1;
	if (switch_on(socket_fd, "lo", why) < 0 || set_up_interface(socket_fd, config, why) < 0)
		return -1;
	return add_default_route(socket_fd, config, why);
}
