//! The program as a user runs it, on a small synthetic city.

mod audit;
mod backup;
mod canary;
mod city;
mod config;
mod job;
mod keys;
mod kill;
mod serving;
mod telemetry;
mod witness;
