/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Types of maps/ that no map and no function here is typed by. A compiler leaves what nothing uses out of BTF, and the
 * codecs are generated from BTF: one variable of all of them keeps them in.
 */
#ifndef HOPLINE_BTF_TYPES_H
#define HOPLINE_BTF_TYPES_H

#include "maps.h"

const volatile union {
	enum limit limit;
	enum direction direction;
	enum exactness exactness;
	enum lookup lookup;
	enum known known;
	enum layout_state layout_state;
	enum slot_flag slot_flag;
	enum leg_flag leg_flag;
	enum interface_flag interface_flag;
	enum name_kind name_kind;
	enum reason reason;
	enum probe_kind probe_kind;
	struct trace trace;
	struct wanted wanted;
	struct alarm alarm;
} door = {};

#endif
