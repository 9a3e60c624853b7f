//! The decision: ask every rule of the plan, then take from all of them or from none.

use super::algorithm::Meter;
use super::limiter::{Decision, Entry, Limiter};
use super::rule::{ActionKind, Rule};
use super::subject::{Place, Target};

impl Limiter {
    /// Asks every rule of the plan, and takes from all of them or from none.
    pub(super) fn decide(&mut self, cost: f64, now: f64, spend: bool) -> Decision {
        let plan = std::mem::take(&mut self.plan);
        let decision =
            self.refusal(&plan, cost, now, spend).unwrap_or_else(|| self.grant(&plan, cost, now, spend));
        if spend {
            self.count(decision.allowed);
            if plan.iter().any(|target| target.place == Place::Aggregate) {
                self.aggregated += 1;
            }
        }
        self.plan = plan;
        decision
    }

    /// The answer of the rule that refuses for longest, if one does.
    fn refusal(&mut self, plan: &[Target], cost: f64, now: f64, spend: bool) -> Option<Decision> {
        let mut worst: Option<(Target, f64)> = None;
        for target in plan {
            let wait = self.with_entry(target, now, |rule, entry| {
                rule.meter.wait(&mut entry.state, cost + rule.reserve, now).max(entry.blocked_for(now))
            });
            let wait = wait.unwrap_or(f64::INFINITY); // a state that is not where it should be refuses
            if wait > worst.map_or(0.0, |(_, longest)| longest) {
                worst = Some((*target, wait));
            }
        }
        let (target, mut retry_after) = worst?;
        let decision = self.with_entry(&target, now, |rule, entry| {
            let mut decision = Decision { allowed: false, ..outlook(rule, entry, target.rule, now) };
            for action in &rule.actions {
                decision.actions |= action.kind.bit();
                // Asking again while blocked does not prolong the block.
                if action.kind == ActionKind::CircuitBreak && entry.blocked_for(now) == 0.0 {
                    retry_after = retry_after.max(action.time);
                    if spend {
                        entry.blocked_until = now + action.time;
                    }
                }
            }
            decision
        });
        let refused = Decision { allowed: false, remaining: 0.0, ..Decision::UNLIMITED };
        Some(Decision { retry_after, ..decision.unwrap_or(refused) })
    }

    /// Takes from every rule; answers for the one that has least left.
    fn grant(&mut self, plan: &[Target], cost: f64, now: f64, spend: bool) -> Decision {
        let (mut decision, mut actions, mut delay) = (Decision::UNLIMITED, 0, 0.0_f64);
        for target in plan {
            let answer = self.with_entry(target, now, |rule, entry| {
                if spend {
                    rule.meter.spend(&mut entry.state, cost, now);
                }
                let mut answer = outlook(rule, entry, target.rule, now);
                if !spend {
                    answer.remaining = (answer.remaining - cost).max(0.0);
                }
                for action in rule.actions.iter().filter(|action| answer.remaining <= action.at_most_left) {
                    match action.kind {
                        ActionKind::Reject => continue,
                        ActionKind::Delay => delay = delay.max(action.time),
                        ActionKind::CircuitBreak if spend => entry.blocked_until = now + action.time,
                        _ => {}
                    }
                    actions |= action.kind.bit();
                }
                answer
            });
            if let Some(answer) = answer
                && (decision.rule.is_none() || answer.remaining < decision.remaining)
            {
                decision = answer;
            }
        }
        Decision { actions, delay, ..decision }
    }

    /// Works with the state of a target; a newcomer's is made up for the occasion.
    pub(super) fn with_entry<R>(
        &mut self,
        target: &Target,
        now: f64,
        work: impl FnOnce(&Rule, &mut Entry) -> R,
    ) -> Option<R> {
        if target.place == Place::Newcomer {
            let counted = self.rules.get_mut(usize::from(target.rule))?;
            let mut entry = Entry::new(target.rule, counted.start(now));
            return Some(work(&counted.rule, &mut entry));
        }
        let (rule, entry) = self.entry(target)?;
        Some(work(rule, entry))
    }

    /// The state of a target that is counted already.
    #[inline(always)] // with `Entry::take`: copied and called, a target is a seventh of a take by key
    pub(super) fn entry(&mut self, target: &Target) -> Option<(&Rule, &mut Entry)> {
        let counted = self.rules.get_mut(usize::from(target.rule))?;
        let entry = match target.place {
            Place::Key(id, position) => self.keys.at_mut(position, id)?,
            Place::Shared => &mut counted.shared,
            Place::Aggregate => &mut counted.aggregate,
            Place::Newcomer => return None,
        };
        Some((&counted.rule, entry))
    }

    /// Changes the state of every target that is counted.
    pub(super) fn each_entry(&mut self, mut work: impl FnMut(&Meter, &mut Entry)) {
        let plan = std::mem::take(&mut self.plan);
        for target in &plan {
            if let Some((rule, entry)) = self.entry(target) {
                work(&rule.meter, entry);
            }
        }
        self.plan = plan;
    }
}

/// What is left under a rule, before anyone decides.
fn outlook(rule: &Rule, entry: &mut Entry, at: u16, now: f64) -> Decision {
    let meter = &rule.meter;
    Decision {
        rule: Some(at),
        remaining: meter.available(&mut entry.state, now),
        reset_after: meter.wait(&mut entry.state, meter.maximum(), now),
        ..Decision::UNLIMITED
    }
}
