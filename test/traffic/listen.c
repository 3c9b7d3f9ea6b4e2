/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A TCP server that accepts and waits for the end, one connection after the other: listen PORT. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
	char byte;

	if (argc != 2 || server < 0)
		return 1;
	any.sin_port = htons(atoi(argv[1]));
	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(server, (struct sockaddr *)&any, sizeof(any)) || listen(server, 128)) {
		perror("listen");
		return 1;
	}
	for (;;) {
		int client = accept(server, 0, 0);

		while (client >= 0 && read(client, &byte, 1) > 0)
			;
		close(client);
	}
}
