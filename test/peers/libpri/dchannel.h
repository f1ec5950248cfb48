/*
 * dchannel - the D channel, over a socket or on a DAHDI channel: a part of peer.c, compiled with it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 */

/* Returns a frame and room for its FCS, whose content libpri does not look at; 0 when nothing is there. */
static int read_frame(struct pri *p, void *buffer, int size)
{
	(void)p;
	if (on_dahdi) {
		int n = read(d_channel, buffer, size);
		if (n >= 0)
			return n;
		if (errno == DAHDI_EVENT_PENDING) {
			int event = 0;
			ioctl(d_channel, DAHDI_GETEVENT, &event);
			printf("line_event %d\n", event);
		}
		return 0;
	}
	int n = recv(d_channel, buffer, size - FCS, MSG_DONTWAIT);
	if (n == 0)
		exit(0); /* the other side hung up the socket */
	return n < 0 ? 0 : n + FCS;
}

/* Takes a frame with room for its FCS. libpri wants its whole length back. */
static int write_frame(struct pri *p, void *buffer, int size)
{
	(void)p;
	int n = on_dahdi ? write(d_channel, buffer, size) : send(d_channel, buffer, size - FCS, MSG_NOSIGNAL);
	if (n < 0) {
		if (on_dahdi && errno == DAHDI_EVENT_PENDING) {
			int event = 0;
			ioctl(d_channel, DAHDI_GETEVENT, &event);
			n = write(d_channel, buffer, size);
		}
		if (n < 0)
			printf("error frame not sent: %s\n", strerror(errno));
	}
	return size;
}

static int open_channel(int number)
{
	int fd = open("/dev/dahdi/channel", O_RDWR | O_NONBLOCK);
	if (fd < 0)
		die("/dev/dahdi/channel");
	if (ioctl(fd, DAHDI_SPECIFY, &number) < 0)
		die("SPECIFY");
	return fd;
}

static int open_d_dahdi(int number)
{
	struct buffers b = {0, 0, 32, 1024, 0, 0};
	int fd = open_channel(number);
	if (ioctl(fd, DAHDI_SET_BUFINFO, &b) < 0)
		die("SET_BUFINFO");
	return fd;
}

static int open_d_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd < 0)
		die("socket");
	if (strlen(path) >= sizeof address.sun_path) {
		fprintf(stderr, "peer: the path has %zu octets, %zu fit: %s\n", strlen(path), sizeof address.sun_path - 1, path);
		exit(1);
	}
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die(path);
	return fd;
}
