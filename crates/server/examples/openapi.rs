//! Prints the API's description, for `web/openapi.json`.
#![allow(clippy::print_stdout)]

fn main() {
    print!("{}", huimin_server::openapi_json());
}
