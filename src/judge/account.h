/* Filling in the account of one flow. Private to judge/. */
#ifndef JUDGE_ACCOUNT_H
#define JUDGE_ACCOUNT_H

#include "case.h"
#include "story.h"

/* Who it is: addresses, roles, counters. */
void account_identify(const struct hearing *hearing, struct fl_account *account);
/* What is told in full: findings, signs of life, caveats. False out of memory. */
bool account_detail(const struct hearing *hearing, struct fl_account *account);
/* The decisive moments of the chosen finding, in order of time; and the story in
 * sentences. False out of memory. */
bool account_tell(const struct hearing *hearing, size_t chosen, struct fl_account *account);

#endif
