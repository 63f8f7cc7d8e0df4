//! Time-outs of one stream, which the builders of all streams have.

/// Adds the time-outs to a builder; after its name the path to its call.
macro_rules! stream_timeouts {
    ($name:ident, $($call:ident).+) => {
        impl<K> $name<K> {
            /// Limits the time until the server has switched protocols: obtaining credentials, connecting, and the
            /// response. How long the stream lasts is not limited. By default there is no limit:
            /// [`Config::request_timeout`](crate::Config::request_timeout) does not apply.
            pub fn request_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$($call).+.timeouts().request = Some(limit);
                self
            }

            /// Limits the time without data: until the server responds, in place of
            /// [`Config::read_timeout`](crate::Config::read_timeout), and then for as long as the stream lasts, in
            /// either direction. The stream fails with a [time-out](crate::Error::is_timeout) after it, even though the
            /// server answers pings. Time in which received data waits for its reader does not count. By default an
            /// open stream may be idle forever, as a shell is; dead connections are found by [`KeepAlive`].
            pub fn read_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$($call).+.timeouts().read = Some(limit);
                self
            }

            /// Limits the time to connect, if the client's
            /// [`Config::connect_timeout`](crate::Config::connect_timeout) is longer.
            pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.$($call).+.timeouts().connect = Some(limit);
                self
            }
        }
    };
}
